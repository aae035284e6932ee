package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.source.BlobStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A blob from an upstream's answer, 200 or 206. */
record UpstreamBlob(String host, long offset, OptionalLong totalSize, Duration idle, UpstreamBody body)
        implements BlobStream {

    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(\\d{1,18}|\\*)");

    /** @throws UpstreamFailure when the answer's range is not one to go on from */
    static BlobStream of(UpstreamResponse response, long asked, Duration idle) {
        if (response.status() != 206) {
            return new UpstreamBlob(response.host(), 0, response.contentLength(), idle, response.body());
        }
        Matcher range = CONTENT_RANGE.matcher(response.header("content-range").orElse(""));
        if (!range.matches() || Long.parseLong(range.group(1)) > asked) {
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.MALFORMED,
                    response.host(),
                    response.host() + " answered a range with another one than was asked for");
        }
        String total = range.group(2);
        return new UpstreamBlob(
                response.host(),
                Long.parseLong(range.group(1)),
                "*".equals(total) ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(total)),
                idle,
                response.body());
    }

    @Override
    public @Nullable ByteBuffer read(Duration patience) throws InterruptedException {
        return body.read(patience);
    }

    @Override
    public boolean hasMore() {
        return body.hasMore();
    }

    /** There is no choice to make here; the chain of sources makes it. */
    @Override
    public void blame(Fault fault) {}

    @Override
    public void close() {
        body.close();
    }
}
