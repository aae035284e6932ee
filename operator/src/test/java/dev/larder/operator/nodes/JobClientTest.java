package dev.larder.operator.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsServer;
import dev.larder.operator.tls.JobCertificates;
import dev.larder.operator.tls.JobEndpoint;
import dev.larder.operator.tls.NodeConnections;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@EnableKubernetesMockClient(crud = true)
class JobClientTest {

    private static final String NAMESPACE = "larder-system";
    private static final int PLACES = 6;
    private static final int QUESTIONS = 40;

    @SuppressWarnings("NullAway.Init") // set by the extension
    KubernetesClient kubernetes;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final CountDownLatch tooMany = new CountDownLatch(1);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    /** A node cache refuses what is beyond its places, and that would be taken for a failure of the upstream. */
    @Test
    void oneNodeCache_isAskedAFewThingsAtOnce_andTheOthersWait() throws Exception {
        JobCertificates certificates = new JobCertificates(kubernetes, NAMESPACE, Clock.systemUTC());
        certificates.ensure();
        HttpsServer server =
                JobEndpoint.start(kubernetes, NAMESPACE, exchange -> threads.execute(() -> answer(exchange)));
        try {
            JobClient jobs = new JobClient(new NodeConnections(certificates::ensure, threads));
            var node = new JobClient.Address("127.0.0.1", server.getAddress().getPort());
            List<Callable<JobAnswer>> questions = new ArrayList<>();
            for (int number = 0; number < QUESTIONS; number++) {
                String image = "registry.test/repository:" + number;
                questions.add(() -> jobs.manifest(node, image));
            }
            assertThat(threads.invokeAll(questions))
                    .extracting(Future::get)
                    .hasOnlyElementsOfType(JobAnswer.Manifest.class);
        } finally {
            server.stop(0);
        }
        assertThat(most).hasValueLessThanOrEqualTo(PLACES);
    }

    @Test
    void nodeThatIsLostInTheMiddleOfAnAnswer_isNotWaitedForForEver() throws Exception {
        JobCertificates certificates = new JobCertificates(kubernetes, NAMESPACE, Clock.systemUTC());
        certificates.ensure();
        CountDownLatch over = new CountDownLatch(1);
        HttpsServer server = JobEndpoint.start(
                kubernetes, NAMESPACE, exchange -> threads.execute(() -> stopInTheBody(exchange, over)));
        try {
            JobClient jobs = new JobClient(new NodeConnections(certificates::ensure, threads), Duration.ofSeconds(6));
            var node = new JobClient.Address("127.0.0.1", server.getAddress().getPort());
            JobAnswer answer = assertTimeoutPreemptively(
                    Duration.ofSeconds(30), () -> jobs.tags(node, "registry.test/repository"));
            assertThat(answer).isInstanceOfSatisfying(JobAnswer.Failed.class, failed -> {
                assertThat(failed.byNode()).isTrue();
                assertThat(failed.message()).contains("no whole answer within 6 s");
            });
        } finally {
            over.countDown();
            server.stop(0);
        }
    }

    private static void stopInTheBody(HttpExchange exchange, CountDownLatch over) {
        try (exchange) {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write("{\"tags\":[".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            over.await();
        } catch (IOException e) {
            // What was promised was not sent.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stays until there are too many, or so long that the others would have come. */
    private void answer(HttpExchange exchange) {
        int now = inside.incrementAndGet();
        most.accumulateAndGet(now, Math::max);
        try {
            if (now > PLACES) {
                tooMany.countDown();
            }
            boolean broken = tooMany.await(100, TimeUnit.MILLISECONDS);
            send(exchange, broken ? 503 : 200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(HttpExchange exchange, int status) {
        inside.decrementAndGet();
        try (exchange) {
            byte[] body = "{\"digest\":\"sha256:1\"}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
