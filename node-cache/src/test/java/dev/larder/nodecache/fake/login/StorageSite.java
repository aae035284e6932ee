package dev.larder.nodecache.fake.login;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Object storage behind signed addresses. As S3 does, it takes one way of proving who one is: a signature together with an
 * Authorization header is 400, "Only one auth mechanism allowed" (seen: https://github.com/open-policy-agent/opa/pull/6728).
 */
final class StorageSite implements Site {

    /** In every signature, so that a test can look for it where it must not be. */
    static final String MARK = "sig-mark-";

    private final String url;
    private final Map<String, byte[]> signed = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    StorageSite(String url) {
        this.url = url;
    }

    /** A redirect of this status to a new signed address. */
    RegistrySite.BlobWay redirecting(int status) {
        return (asked, blob) -> {
            String signature = MARK + count.incrementAndGet();
            signed.put(signature, blob);
            return Reply.redirect(status, url + "/blob?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=" + signature);
        };
    }

    @Override
    public Reply answer(Asked asked) {
        if (!asked.authorization().isEmpty()) {
            return Reply.of(
                    400,
                    "application/xml",
                    "<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>");
        }
        byte[] blob = signed.get(asked.first("X-Amz-Signature"));
        return blob == null
                ? Reply.of(403, "application/xml", "<Error><Code>AccessDenied</Code></Error>")
                : content(asked, blob);
    }

    /** The bytes, or what of them was asked for. */
    static Reply content(Asked asked, byte[] blob) {
        String range = asked.headers().getOrDefault("range", "");
        int from = range.isEmpty() ? 0 : Integer.parseInt(range.substring(6, range.indexOf('-')));
        Reply whole = new Reply(
                from == 0 ? 200 : 206,
                List.of(Map.entry("Content-Type", "application/octet-stream")),
                Arrays.copyOfRange(blob, from, blob.length));
        return from == 0
                ? whole
                : whole.with("Content-Range", "bytes " + from + "-" + (blob.length - 1) + "/" + blob.length);
    }
}
