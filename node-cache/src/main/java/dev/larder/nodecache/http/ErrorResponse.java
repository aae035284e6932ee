package dev.larder.nodecache.http;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.IntegrityFailure;
import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.error.Overloaded;
import dev.larder.nodecache.error.RangeUnsatisfiable;
import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.ErrorCode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.OptionalLong;

/**
 * A failure as the client sees it: the only place where one becomes a status. Never 429 (containerd would ask again at
 * once) and never a redirect; 404 and 5xx send containerd to its next host.
 *
 * @param challenges for WWW-Authenticate, each in a header of its own: containerd reads no more than one from each
 * @param size of the whole content, for the Content-Range of 416
 */
record ErrorResponse(int status, ErrorCode code, String message, List<String> challenges, OptionalLong size) {

    static ErrorResponse of(CacheException failure) {
        String message = String.valueOf(failure.getMessage());
        return switch (failure) {
            case InvalidRequest invalid ->
                switch (invalid.kind()) {
                    case NAME -> plain(400, ErrorCode.NAME_INVALID, message);
                    case TAG -> plain(400, ErrorCode.TAG_INVALID, message);
                    case DIGEST -> plain(400, ErrorCode.DIGEST_INVALID, message);
                    case BODY -> plain(413, ErrorCode.UNSUPPORTED, message);
                    case UNSUPPORTED -> plain(405, ErrorCode.UNSUPPORTED, message);
                };
            case RangeUnsatisfiable range ->
                new ErrorResponse(416, ErrorCode.SIZE_INVALID, message, List.of(), OptionalLong.of(range.size()));
            case ContentUnknown unknown ->
                switch (unknown.kind()) {
                    case REGISTRY, REPOSITORY -> plain(404, ErrorCode.NAME_UNKNOWN, message);
                    case MANIFEST -> plain(404, ErrorCode.MANIFEST_UNKNOWN, message);
                    case BLOB -> plain(404, ErrorCode.BLOB_UNKNOWN, message);
                };
            case UpstreamFailure upstream -> of(upstream, message);
            case IntegrityFailure _ -> plain(502, ErrorCode.MANIFEST_INVALID, message);
            case StoreFailure _, Overloaded _ -> plain(503, ErrorCode.UNAVAILABLE, message);
        };
    }

    private static ErrorResponse of(UpstreamFailure failure, String message) {
        return switch (failure.kind()) {
            // Without a challenge to answer, 401 would only make the client guess.
            case UNAUTHORIZED ->
                failure.challenges().isEmpty()
                        ? plain(403, ErrorCode.DENIED, message)
                        : new ErrorResponse(
                                401, ErrorCode.UNAUTHORIZED, message, failure.challenges(), OptionalLong.empty());
            case DENIED -> plain(403, ErrorCode.DENIED, message);
            case THROTTLED -> plain(503, ErrorCode.TOOMANYREQUESTS, message);
            case UNREACHABLE, TIMEOUT -> plain(503, ErrorCode.UNAVAILABLE, message);
            case MALFORMED -> plain(502, ErrorCode.UNAVAILABLE, message);
        };
    }

    static ErrorResponse internal() {
        return plain(500, ErrorCode.UNAVAILABLE, "a bug in the node cache; its log says more");
    }

    private static ErrorResponse plain(int status, ErrorCode code, String message) {
        return new ErrorResponse(status, code, message, List.of(), OptionalLong.empty());
    }

    /** As the specification wants it, marked as ours: containerd shows it in the pod's events. */
    String json() {
        return new JsonObject()
                .put(
                        "errors",
                        new JsonArray()
                                .add(new JsonObject().put("code", code.name()).put("message", "larder: " + message)))
                .encode();
    }
}
