package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.SelfSigned;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the operator asks for, and that nobody else can. */
class JobsIT {

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final Image image = upstream.push("library/app", "1.2", 1000, 1);
    private JobsCache cache;

    @BeforeEach
    void start() throws Exception {
        cache = new JobsCache(folder, upstream);
        assertThat(cache.port()).isEqualTo(-1);
        cache.giveCertificates();
    }

    @AfterEach
    void end() {
        cache.close();
        upstream.close();
    }

    private HttpClient operator() throws Exception {
        return JobsCache.client(cache.server, cache.operator);
    }

    @Test
    void operator_learnsTagsAndDigests_oneRequestEach() throws Exception {
        upstream.push("library/app", "1.3", 1000, 2);
        HttpClient client = operator();
        assertThat(cache.ask(client, "/jobs/v1/tags?image=" + TestCache.HOST + "/library/app")
                        .body())
                .contains("\"1.2\"", "\"1.3\"");
        upstream.forgetRequests();
        HttpResponse<String> found =
                cache.ask(client, "/jobs/v1/manifest?image=" + TestCache.HOST + "/library/app:1.2");
        assertThat(found.statusCode()).isEqualTo(200);
        assertThat(found.body()).contains(image.manifest().toString());
        assertThat(upstream.count("HEAD", "/manifests/1.2")).isEqualTo(1);
        assertThat(upstream.requests()).hasSize(1);
    }

    @Test
    void whatIsWrong_isAnAnswer() throws Exception {
        HttpClient client = operator();
        String job = "/jobs/v1/manifest?image=";
        assertThat(cache.ask(client, job + TestCache.HOST + "/library/app:9").statusCode())
                .isEqualTo(404);
        assertThat(cache.ask(client, job + "elsewhere.test/app:1").body()).contains("NAME_UNKNOWN");
        assertThat(cache.ask(client, job + "nonsense").statusCode()).isEqualTo(400);
        assertThat(cache.ask(client, "/jobs/v1/tags").statusCode()).isEqualTo(400);
        assertThat(cache.ask(client, "/jobs/v1/else?image=a.test/b").statusCode())
                .isEqualTo(405);
        upstream.close();
        assertThat(cache.ask(client, job + TestCache.HOST + "/library/app:1.2").statusCode())
                .isEqualTo(503);
    }

    @Test
    void nobodyElse_isAnswered() throws Exception {
        String path = "/jobs/v1/tags?image=" + TestCache.HOST + "/library/app";
        assertThat(cache.ask(JobsCache.client(cache.server, cache.another), path)
                        .statusCode())
                .isEqualTo(403);
        SelfSigned stranger = SelfSigned.make(folder, "stranger", "dns:larder-operator");
        assertThatThrownBy(() -> cache.ask(JobsCache.client(cache.server, stranger), path))
                .isInstanceOf(IOException.class);
        HttpClient nameless =
                HttpClient.newBuilder().sslContext(cache.server.trust()).build();
        assertThatThrownBy(() -> cache.ask(nameless, path)).isInstanceOf(IOException.class);
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void newCertificates_areTakenOver() throws Exception {
        SelfSigned next = SelfSigned.make(folder, "next");
        cache.show(next);
        await().atMost(Duration.ofSeconds(20))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> cache.ask(
                                        JobsCache.client(next, cache.operator),
                                        "/jobs/v1/tags?image=" + TestCache.HOST + "/library/app")
                                .statusCode()
                        == 200);
    }
}
