package dev.larder.nodecache.http;

import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.mirror.CopyJobs;
import dev.larder.nodecache.mirror.CopyOrder;
import dev.larder.nodecache.mirror.ImageSignatures;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.ImageName;
import dev.larder.nodecache.oci.Platform;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.signature.PublicKeys;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Secret;
import dev.larder.nodecache.upstream.JsonText;
import dev.larder.nodecache.upstream.PushTarget;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the operator orders by a JSON body: read into values, and the outcome as JSON again. */
final class JobRequests {

    /** The operator asks again; its own wait is longer. */
    private static final Duration WAIT = Duration.ofSeconds(20);

    private static final Duration TO_VERIFY = Duration.ofSeconds(25);

    private final CopyJobs jobs;
    private final Supplier<ImageSignatures> signatures;

    /** @param signatures one for each question */
    JobRequests(CopyJobs jobs, Supplier<ImageSignatures> signatures) {
        this.jobs = jobs;
        this.signatures = signatures;
    }

    static InvalidRequest noSuchJob() {
        return new InvalidRequest(InvalidRequest.Kind.UNSUPPORTED, "no such job");
    }

    JsonObject answer(String path, Buffer body) throws InterruptedException {
        JsonObject json;
        try {
            json = JsonText.object(body);
        } catch (DecodeException e) {
            throw wrong("the body", "is no JSON object, or nested too deep");
        }
        return switch (path) {
            case "/jobs/v1/copy" -> {
                CopyJobs.Progress progress = jobs.copy(order(json), WAIT);
                yield new JsonObject().put("done", progress.done()).put("bytes", progress.bytes());
            }
            case "/jobs/v1/untag" ->
                new JsonObject()
                        .put(
                                "untagged",
                                jobs.untag(
                                                target(json),
                                                new CopyJobs.Removal(
                                                        new Tag(text(json, "tag")),
                                                        Digest.parse(text(json, "image")),
                                                        flag(json, "wanted"),
                                                        Set.copyOf(list(json, "leaving", Tag::new))))
                                        .name());
            case "/jobs/v1/verify" -> verify(json);
            default -> throw noSuchJob();
        };
    }

    private JsonObject verify(JsonObject json) throws InterruptedException {
        PublicKeys keys = PublicKeys.of(list(json, "publicKeys", Function.identity()));
        ImageName image = ImageName.parse(text(json, "image"));
        ImageSignatures.Verdict verdict =
                signatures.get().verify(image.repository(), digest(image), keys, Deadline.in(TO_VERIFY));
        return new JsonObject().put("signed", verdict.signed()).put("reason", verdict.reason());
    }

    private static Digest digest(ImageName image) {
        if (image.reference() instanceof Reference.ByDigest(Digest digest)) {
            return digest;
        }
        throw wrong("image", "must have a digest: registry/repository@sha256:…");
    }

    static CopyOrder order(JsonObject json) {
        ImageName image = ImageName.parse(text(json, "image"));
        return new CopyOrder(
                image.repository(),
                digest(image),
                target(json),
                list(json, "platforms", Platform::parse),
                flag(json, "attachments"),
                list(json, "tags", Tag::new),
                also(json));
    }

    private static Map<Tag, Digest> also(JsonObject json) {
        Map<Tag, Digest> also = new HashMap<>();
        JsonObject given = json.getValue("also") instanceof JsonObject some ? some : new JsonObject();
        given.forEach(entry -> also.put(new Tag(entry.getKey()), Digest.parse(String.valueOf(entry.getValue()))));
        return also;
    }

    private static PushTarget target(JsonObject json) {
        JsonObject target = json.getValue("target") instanceof JsonObject object ? object : new JsonObject();
        URI url;
        try {
            url = URI.create(text(target, "url"));
        } catch (IllegalArgumentException e) {
            throw wrong("target.url", "is no URL");
        }
        String scheme = String.valueOf(url.getScheme());
        String path = String.valueOf(url.getPath());
        if (url.getHost() == null || !(scheme.equals("https") || scheme.equals("http")) || !path.startsWith("/")) {
            throw wrong("target.url", "must be https://host/repository");
        }
        String refresh = optional(target, "identityToken");
        String password = refresh == null ? optional(target, "password") : refresh;
        return new PushTarget(
                URI.create(scheme + "://" + url.getRawAuthority()),
                new RepositoryName(path.substring(1)),
                password == null ? null : text(target, "username"),
                password == null ? null : new Secret(password),
                refresh != null,
                Set.copyOf(list(target, "tokenServers", Function.identity())),
                optional(target, "certificates"));
    }

    private static String text(JsonObject json, String name) {
        return json.getValue(name) instanceof String text ? text : "";
    }

    private static @Nullable String optional(JsonObject json, String name) {
        String text = text(json, name);
        return text.isEmpty() ? null : text;
    }

    private static boolean flag(JsonObject json, String name) {
        return Boolean.TRUE.equals(json.getValue(name));
    }

    private static <T> List<T> list(JsonObject json, String name, Function<String, T> reader) {
        JsonArray array = json.getValue(name) instanceof JsonArray some ? some : new JsonArray();
        return array.stream().map(String::valueOf).map(reader).toList();
    }

    private static InvalidRequest wrong(String field, String what) {
        return new InvalidRequest(InvalidRequest.Kind.UNSUPPORTED, field + " " + what);
    }
}
