package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.BlobAnswer;
import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two registries that have the same layer, asked for it at the same time: what one does wrong is not the other's. */
class ForeignFillIT {

    private static final byte[] LAYER = new byte[50_000];

    @Test
    void wrongBytesOfOneRegistry_costTheOthersClientNothing(@TempDir Path folder) throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (FakeRegistry bad = new FakeRegistry();
                FakeRegistry good = new FakeRegistry();
                TestCache cache = new TestCache(folder, yaml(folder, bad, good));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Digest digest = bad.pushBlob("library/app", LAYER);
            good.pushBlob("library/app", LAYER);
            String path = "/v2/library/app/blobs/" + digest;
            bad.misbehave()
                    .answerBlobs(BlobAnswer.right().of(BlobAnswer::flipped).heldBy(gate));

            Future<HttpResponse<byte[]>> first = threads.submit(() -> cache.get(path));
            await().until(() -> bad.count("GET", digest.toString()) == 1);
            Future<HttpResponse<byte[]>> second = threads.submit(() -> cache.get(path + "?ns=other.test"));
            await().until(() -> good.count("HEAD", digest.toString()) == 1);
            gate.countDown();

            assertThat(first.get().statusCode()).isGreaterThanOrEqualTo(500);
            assertThat(second.get().statusCode()).isEqualTo(200);
            assertThat(second.get().body()).isEqualTo(LAYER);
            assertThat(good.count("GET", digest.toString())).isEqualTo(1);
        }
    }

    private static String yaml(Path folder, FakeRegistry one, FakeRegistry other) {
        return TestCache.yaml(folder, "", "", one) + "- host: other.test\n  upstreams: [{url: \"" + other.url()
                + "\"}]\n";
    }
}
