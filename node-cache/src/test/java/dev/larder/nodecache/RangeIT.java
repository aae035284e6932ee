package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.oci.Digest;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ranges by RFC 9110, of a blob that is stored and of one that is only just asked for: the same answers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RangeIT {

    private static final int SIZE = 300_000;

    private final FakeRegistry upstream = new FakeRegistry();
    private TestCache cache;
    private long seed;

    @BeforeAll
    void start(@TempDir Path folder) {
        cache = TestCache.of(folder, upstream);
    }

    @AfterAll
    void stop() {
        cache.close();
        upstream.close();
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Blob(Digest digest, byte[] bytes) {
        String path() {
            return "/v2/library/app/blobs/" + digest;
        }
    }

    private Blob blob(int size) {
        byte[] bytes = new byte[size];
        new Random(++seed).nextBytes(bytes);
        return new Blob(upstream.pushBlob("library/app", bytes), bytes);
    }

    /** DIGEST stands for the blob's own digest. */
    private static String[] headers(Blob blob, String range, String ifRange) {
        List<String> headers = new ArrayList<>(List.of("Range", range));
        if (!ifRange.isEmpty()) {
            headers.addAll(
                    List.of("If-Range", ifRange.replace("DIGEST", blob.digest().toString())));
        }
        return headers.toArray(String[]::new);
    }

    @ParameterizedTest(name = "{0} {1} {2} {3}: {4} {5}")
    @CsvSource({
        // method, size, Range, If-Range, status, Content-Range
        "GET, 300000, bytes=500-1499, '', 206, bytes 500-1499/300000",
        "GET, 300000, bytes=0-, '', 206, bytes 0-299999/300000",
        "GET, 300000, bytes=0-0, '', 206, bytes 0-0/300000",
        "GET, 300000, bytes=131072-, '', 206, bytes 131072-299999/300000",
        "GET, 300000, bytes=299999-, '', 206, bytes 299999-299999/300000",
        "GET, 300000, bytes=-500, '', 206, bytes 299500-299999/300000",
        "GET, 300000, bytes=-400000, '', 206, bytes 0-299999/300000",
        "GET, 300000, bytes=299999-400000, '', 206, bytes 299999-299999/300000",
        "GET, 300000, bytes=1000-99999999999999999999, '', 206, bytes 1000-299999/300000",
        "GET, 300000, Bytes=1-2, '', 206, bytes 1-2/300000",
        "GET, 300000, bytes=300000-, '', 416, bytes */300000",
        "GET, 300000, bytes=99999999999999999999-, '', 416, bytes */300000",
        "GET, 300000, bytes=500-0, '', 416, bytes */300000",
        "GET, 300000, bytes=-0, '', 416, bytes */300000",
        "GET, 300000, 'bytes=0-1,5-6', '', 200, ''",
        "GET, 300000, lines=0-1, '', 200, ''",
        "GET, 300000, bytes=, '', 200, ''",
        "GET, 300000, bytes=a-b, '', 200, ''",
        "GET, 300000, bytes=1-2, '\"DIGEST\"', 206, bytes 1-2/300000",
        "GET, 300000, bytes=1-2, 'W/\"DIGEST\"', 200, ''",
        "GET, 300000, bytes=1-2, '\"other\"', 200, ''",
        "GET, 300000, bytes=1-2, 'Sun, 22 Nov 2026 08:00:00 GMT', 200, ''",
        "HEAD, 300000, bytes=1-2, '', 200, ''",
        "HEAD, 300000, bytes=400000-, '', 200, ''",
        "GET, 1, bytes=0-, '', 206, bytes 0-0/1",
        "GET, 0, bytes=0-, '', 200, ''",
    })
    void coldAndWarm_areAnsweredAlike(
            String method, int size, String range, String ifRange, int status, String contentRange) throws Exception {
        Blob blob = blob(size);
        upstream.forgetRequests();
        HttpResponse<byte[]> cold = cache.send(method, blob.path(), headers(blob, range, ifRange));
        check(cold, method, blob, status, contentRange);
        assertThat(cache.get(blob.path()).body()).isEqualTo(blob.bytes());
        HttpResponse<byte[]> warm = cache.send(method, blob.path(), headers(blob, range, ifRange));
        check(warm, method, blob, status, contentRange);
        assertThat(upstream.count("GET", blob.digest().toString())).isEqualTo(1);
    }

    private static void check(HttpResponse<byte[]> answer, String method, Blob blob, int status, String contentRange) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Range").orElse("")).isEqualTo(contentRange);
        if (status == 416) {
            return;
        }
        byte[] expected = blob.bytes();
        if (status == 206) {
            String span = contentRange.substring("bytes ".length(), contentRange.indexOf('/'));
            int dash = span.indexOf('-');
            expected = Arrays.copyOfRange(
                    expected,
                    Integer.parseInt(span.substring(0, dash)),
                    Integer.parseInt(span.substring(dash + 1)) + 1);
        }
        assertThat(answer.headers().firstValueAsLong("Content-Length").orElse(-1))
                .isEqualTo(expected.length);
        assertThat(answer.body()).isEqualTo(method.equals("HEAD") ? new byte[0] : expected);
    }

    @Test
    void manySmallRangesOfAColdBlob_areOneUpstreamFetch() throws Exception {
        Blob blob = blob(SIZE * 10);
        upstream.misbehave().pauseMillis = 1;
        upstream.forgetRequests();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpResponse<byte[]>>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int from = new Random(i).nextInt(blob.bytes().length - 4096);
                String range = "bytes=" + from + "-" + (from + 4095);
                answers.add(clients.submit(() -> cache.get(blob.path(), "Range", range)));
            }
            for (int i = 0; i < 200; i++) {
                int from = new Random(i).nextInt(blob.bytes().length - 4096);
                HttpResponse<byte[]> answer = answers.get(i).get();
                assertThat(answer.statusCode()).isEqualTo(206);
                assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(blob.bytes(), from, from + 4096));
            }
        } finally {
            upstream.behave();
        }
        assertThat(upstream.requests()).hasSize(1);
    }

    /** containerd 2.1 and later with concurrent_layer_fetch_buffer: open-ended ranges, each left after one buffer. */
    @Test
    void parallelLayerFetch_isOneUpstreamFetch() throws Exception {
        Blob blob = blob(SIZE * 10);
        int buffer = 512 * 1024;
        upstream.misbehave().pauseMillis = 1;
        upstream.forgetRequests();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<byte[]>> parts = new ArrayList<>();
            for (int from = 0; from < blob.bytes().length; from += buffer) {
                String range = "bytes=" + from + "-";
                parts.add(clients.submit(() -> {
                    HttpResponse<InputStream> answer = cache.open(blob.path(), "Range", range);
                    assertThat(answer.statusCode()).isEqualTo(206);
                    try (InputStream body = answer.body()) {
                        return body.readNBytes(buffer);
                    }
                }));
            }
            for (int i = 0; i < parts.size(); i++) {
                int to = Math.min((i + 1) * buffer, blob.bytes().length);
                assertThat(parts.get(i).get()).isEqualTo(Arrays.copyOfRange(blob.bytes(), i * buffer, to));
            }
        } finally {
            upstream.behave();
        }
        assertThat(upstream.requests()).hasSize(1);
    }

    @Test
    void rangeThatCannotComeInTime_isRefusedLongBefore_andTheFillGoesOn(@TempDir Path folder) throws Exception {
        Blob blob = blob(3_000_000);
        upstream.misbehave().pauseMillis = 320; // 100 kB/s at most
        try (TestCache slow = TestCache.of(folder, upstream);
                InputStream whole = slow.open(blob.path()).body()) {
            byte[] begun = whole.readNBytes(1000);
            for (String range : List.of("bytes=2900000-", "bytes=100-199")) {
                Instant asked = Instant.now();
                HttpResponse<byte[]> answer = slow.get(blob.path(), "Range", range);
                assertThat(answer.statusCode()).as(range).isEqualTo(503);
                // Of the ten seconds of firstByteCold.
                assertThat(Duration.between(asked, Instant.now())).as(range).isLessThan(Duration.ofSeconds(8));
            }
            byte[] more = whole.readNBytes(200_000);
            assertThat(begun).isEqualTo(Arrays.copyOf(blob.bytes(), 1000));
            assertThat(more).isEqualTo(Arrays.copyOfRange(blob.bytes(), 1000, 201_000));
            assertThat(upstream.count("GET", blob.digest().toString())).isEqualTo(1);
        } finally {
            upstream.behave();
        }
    }
}
