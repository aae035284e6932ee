package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.FakeTarget;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that the operator has copied to another registry. */
class CopyIT {

    private static final String REPOSITORY = "mirror/app";
    private static final int LAYER = 3_000_000;

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final FakeTarget target = new FakeTarget();
    private final Image image = upstream.push("library/app", "1.2", LAYER, 1);
    private final Image other = upstream.push("library/app", "1.3", LAYER, 2);
    private JobsCache cache;
    private HttpClient operator;

    @BeforeEach
    void start() throws Exception {
        cache = new JobsCache(folder, upstream);
        cache.giveCertificates();
        operator = JobsCache.client(cache.server, cache.operator);
    }

    @AfterEach
    void end() {
        cache.close();
        upstream.close();
        target.close();
    }

    private static String list(List<String> texts) {
        return texts.stream().map(text -> "\"" + text + "\"").collect(Collectors.joining(",", "[", "]"));
    }

    private String order(Digest digest, String repository, String more, List<String> tags) {
        return """
                {"image": "%s/library/app@%s", "target": {"url": "%s/%s" %s}, "attachments": true, "tags": %s}
                """.formatted(TestCache.HOST, digest, target.url(), repository, more, list(tags));
    }

    private HttpResponse<String> copy(Digest digest, String... tags) throws Exception {
        return copy(order(digest, REPOSITORY, "", List.of(tags)));
    }

    private HttpResponse<String> copy(String order) throws Exception {
        return cache.post(operator, "/jobs/v1/copy", order);
    }

    private static void done(HttpResponse<String> answer) {
        assertThat(answer.body()).contains("\"done\":true");
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    private void isThere(String repository, Image copied, String... tags) {
        assertThat(target.blob(repository, copied.layer())).hasValue(copied.layerBytes());
        assertThat(target.blob(repository, copied.config())).isPresent();
        assertThat(target.manifest(repository, copied.manifest().toString())).hasValue(copied.manifestBytes());
        for (String tag : tags) {
            assertThat(target.manifest(repository, tag)).hasValue(copied.manifestBytes());
        }
    }

    private Digest index(String reference, Image amd64, Image arm64) {
        return upstream.pushManifest("library/app", reference, MediaType.OCI_INDEX, """
                {"schemaVersion":2,"mediaType":"%s","manifests":[
                {"mediaType":"%s","digest":"%s","size":%d,"platform":{"os":"linux","architecture":"amd64"}},
                {"mediaType":"%s","digest":"%s","size":%d,"platform":{"os":"linux","architecture":"arm64"}}]}
                """.formatted(
                        MediaType.OCI_INDEX,
                        MediaType.OCI_MANIFEST,
                        amd64.manifest(),
                        amd64.manifestBytes().length,
                        MediaType.OCI_MANIFEST,
                        arm64.manifest(),
                        arm64.manifestBytes().length));
    }

    /** What says that it belongs to the image. */
    private Digest signature(String reference, Digest subject) {
        Digest payload = upstream.pushBlob(
                "library/app", ("signed " + subject).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return upstream.pushManifest("library/app", reference, MediaType.OCI_MANIFEST, """
                {"schemaVersion":2,"mediaType":"%s","artifactType":"application/vnd.test.signature",
                 "config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":1},
                 "layers":[],"subject":{"mediaType":"%s","digest":"%s","size":1}}
                """.formatted(
                        MediaType.OCI_MANIFEST, payload, MediaType.OCI_MANIFEST, subject));
    }

    private void listReferrer(Digest subject, Digest referrer) {
        upstream.pushManifest("library/app", "sha256-" + subject.hex(), MediaType.OCI_INDEX, """
                {"schemaVersion":2,"mediaType":"%s","manifests":[
                {"mediaType":"%s","digest":"%s","size":1,"artifactType":"application/vnd.test.signature"}]}
                """.formatted(
                        MediaType.OCI_INDEX, MediaType.OCI_MANIFEST, referrer));
    }

    @Test
    void image_isThereByItsDigestAndTags_andASecondTimeSendsNothing() throws Exception {
        done(copy(image.manifest(), "1.2", "1.2-20261122"));
        isThere(REPOSITORY, image, "1.2", "1.2-20261122");
        assertThat(upstream.count("GET", "/blobs/" + image.layer())).isEqualTo(1);
        target.forgetRequests();
        upstream.forgetRequests();
        done(copy(image.manifest(), "1.2", "1.2-20261122"));
        assertThat(target.requests()).noneMatch(line -> line.matches("(PUT|POST|PATCH) .*"));
        assertThat(upstream.count("GET", "/blobs/")).isZero();
    }

    @Test
    void anotherTag_meansWhatIsThereAlready_orStaysAway() throws Exception {
        done(copy(image.manifest(), "1.2"));
        String also = "\"also\": {\"1.2-previous\": \"%s\", \"other\": \"%s\"}, \"tags\""
                .formatted(image.manifest(), Digest.sha256(new byte[] {1}));
        done(copy(order(other.manifest(), REPOSITORY, "", List.of("1.2")).replace("\"tags\"", also)));
        isThere(REPOSITORY, other, "1.2");
        isThere(REPOSITORY, image, "1.2-previous");
        assertThat(target.tags(REPOSITORY)).containsOnly("1.2", "1.2-previous");
    }

    @Test
    void brokenTransfer_goesOnWhereItBroke() throws Exception {
        target.breaks.set(3);
        done(copy(image.manifest(), "1.2"));
        isThere(REPOSITORY, image, "1.2");
        assertThat(target.breaks.get()).isZero();
        assertThat(target.count("POST", "/blobs/uploads/"))
                .as("uploads of config and layer")
                .isEqualTo(2);
        assertThat(upstream.count("GET", "/blobs/" + image.layer())).isEqualTo(1);
    }

    @Test
    void transferThatBreaksOften_butGetsOn_isNotGivenUp() throws Exception {
        target.breaks.set(7);
        await().atMost(Duration.ofSeconds(90))
                .until(() -> copy(image.manifest(), "1.2").body().contains("\"done\":true"));
        isThere(REPOSITORY, image, "1.2");
        assertThat(target.breaks.get()).isZero();
    }

    @Test
    void uploadThatIsForgotten_beginsAgain() throws Exception {
        target.breaks.set(1);
        target.forgetsUploads = true;
        done(copy(image.manifest(), "1.2"));
        isThere(REPOSITORY, image, "1.2");
        assertThat(target.count("POST", "/blobs/uploads/")).isEqualTo(3);
    }

    @Test
    void registryThatTakesSmallPartsOnly_isSentThose() throws Exception {
        Image large = upstream.push("library/app", "large", 40_000_000, 3);
        target.largestBody = 20_000_000;
        done(copy(large.manifest(), "large"));
        isThere(REPOSITORY, large, "large");
    }

    @Test
    void blobOfAnotherRepositoryThere_isMounted_notSent() throws Exception {
        done(copy(image.manifest(), "1.2"));
        target.forgetRequests();
        done(copy(order(image.manifest(), "another/app", "", List.of("1.2"))));
        isThere("another/app", image, "1.2");
        assertThat(target.requests()).noneMatch(line -> line.startsWith("PATCH"));
        assertThat(target.count("POST", "mount=" + image.layer() + "&from=" + REPOSITORY))
                .isEqualTo(1);
        target.mounts = false;
        done(copy(order(image.manifest(), "third/app", "", List.of("1.2"))));
        isThere("third/app", image, "1.2");
    }

    @Test
    void index_goesWithAllItsImages_unchanged() throws Exception {
        Digest index = index("multi", image, other);
        done(copy(index, "multi"));
        isThere(REPOSITORY, image);
        isThere(REPOSITORY, other);
        assertThat(target.manifest(REPOSITORY, "multi")).map(Digest::sha256).hasValue(index);
    }

    @Test
    void indexWithChosenPlatforms_staysWhole_andARefusalSaysWhatItMeans() throws Exception {
        Digest index = index("multi", image, other);
        String chosen = order(index, REPOSITORY, "", List.of("multi"))
                .replaceFirst("\"tags\"", "\"platforms\": [\"linux/amd64\"], \"tags\"");
        HttpResponse<String> refused = copy(chosen);
        assertThat(refused.statusCode()).isEqualTo(502);
        assertThat(refused.body()).contains("MANIFEST_BLOB_UNKNOWN", "spec.to.repository.platforms: All");
        target.sparse = true;
        done(copy(chosen));
        assertThat(target.manifest(REPOSITORY, "multi")).map(Digest::sha256).hasValue(index);
        isThere(REPOSITORY, image);
        assertThat(target.blob(REPOSITORY, other.layer())).isEmpty();
    }

    @Test
    void signatures_goAlong_underCosignsTagAndAsReferrers() throws Exception {
        String cosign = "sha256-" + image.manifest().hex() + ".sig";
        Digest tagged = signature(cosign, other.manifest());
        Digest referrer = signature("some", image.manifest());
        listReferrer(image.manifest(), referrer);
        done(copy(image.manifest(), "1.2"));
        assertThat(target.manifest(REPOSITORY, cosign)).map(Digest::sha256).hasValue(tagged);
        assertThat(target.manifest(REPOSITORY, referrer.toString())).isPresent();
        assertThat(target.tags(REPOSITORY))
                .doesNotContain("sha256-" + image.manifest().hex());
    }

    @Test
    void targetWithoutReferrers_getsTheirListAsATag_withWhatIsInItAlready() throws Exception {
        target.keepsReferrers = false;
        String list = "sha256-" + image.manifest().hex();
        Digest first = signature("some", image.manifest());
        listReferrer(image.manifest(), first);
        done(copy(image.manifest(), "1.2"));
        assertThat(target.manifest(REPOSITORY, list).map(String::new).orElseThrow())
                .contains(first.toString());
        Digest second = upstream.pushManifest(
                "library/app",
                "more",
                MediaType.OCI_MANIFEST,
                "{\"schemaVersion\":2,\"config\":{\"digest\":\"" + image.config()
                        + "\"},\"layers\":[],\"subject\":{\"digest\":\"" + image.manifest() + "\"}}");
        listReferrer(image.manifest(), second);
        cache.cache.restart();
        await().atMost(Duration.ofSeconds(20)).until(() -> cache.port() > 0);
        done(copy(image.manifest(), "1.2"));
        assertThat(target.manifest(REPOSITORY, list).map(String::new).orElseThrow())
                .contains(first.toString(), second.toString(), "\"artifactType\":\"application/vnd.test.signature\"");
    }

    @Test
    void login_isShownWhenAskedFor_andARefusalNamesIt() throws Exception {
        target.login = "robot:right";
        HttpResponse<String> nobody = copy(image.manifest(), "1.2");
        assertThat(nobody.statusCode()).isEqualTo(403);
        assertThat(nobody.body()).contains("a request without a login", REPOSITORY);
        HttpResponse<String> wrong = copy(order(
                image.manifest(),
                REPOSITORY,
                ", \"username\": \"robot\", \"password\": \"not-right\"",
                List.of("1.2")));
        assertThat(wrong.body()).contains("the login robot").doesNotContain("not-right");
        done(copy(order(
                image.manifest(), REPOSITORY, ", \"username\": \"robot\", \"password\": \"right\"", List.of("1.2"))));
        isThere(REPOSITORY, image, "1.2");
    }

    @Test
    void targetDown_isSaid_andWorksLater() throws Exception {
        target.status = 503;
        HttpResponse<String> down = copy(image.manifest(), "1.2");
        assertThat(down.statusCode()).isEqualTo(503);
        assertThat(down.body()).contains("answered 503", target.host());
        assertThat(upstream.count("GET", "/blobs/")).isZero();
        target.status = 0;
        done(copy(image.manifest(), "1.2"));
        isThere(REPOSITORY, image, "1.2");
    }

    @Test
    void orderThatMakesNoSense_isAnAnswerThatSaysWhy() throws Exception {
        assertThat(copy("nonsense").body()).contains("no JSON object");
        assertThat(copy(order(image.manifest(), REPOSITORY, "", List.of("not a tag")))
                        .body())
                .contains("not a tag");
        assertThat(copy("{\"image\": \"a.test/b:1\"}").body()).contains("must have a digest");
        assertThat(copy(order(image.manifest(), REPOSITORY, "", List.of()).replace("http:", "ftp:"))
                        .body())
                .contains("target.url", "https://host/repository");
        assertThat(copy(order(image.manifest(), REPOSITORY, ", \"certificates\": \"none\"", List.of()))
                        .body())
                .contains("certificates given cannot be used");
        for (int times = 0; times < 20; times++) {
            assertThat(cache.post(operator, "/jobs/v1/copy", "x".repeat(300_000))
                            .statusCode())
                    .isEqualTo(413);
        }
        assertThat(target.requests()).isEmpty();
    }

    @Test
    void tagOfOurs_isTakenAway_andNobodyElses() throws Exception {
        done(copy(image.manifest(), "1.2", "1.2-old", "1.2-changed"));
        done(copy(other.manifest(), "1.3"));
        target.retag(REPOSITORY, "1.2-changed", other.manifest());
        assertThat(untag("1.2-changed", image, false)).isEqualTo("CHANGED");
        assertThat(untag("1.2-old", image, true)).isEqualTo("GONE");
        assertThat(untag("1.2-old", image, true)).isEqualTo("GONE");
        assertThat(target.tags(REPOSITORY)).containsOnly("1.2", "1.3", "1.2-changed");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 405})
    void registryThatTakesAwayImagesOnly_keepsWhatIsWanted(int answer) throws Exception {
        target.refusesToDeleteTags = answer;
        done(copy(image.manifest(), "1.2", "1.2-old"));
        done(copy(other.manifest(), "1.3-old"));
        assertThat(untag("1.2-old", image, true)).isEqualTo("WANTED");
        assertThat(untag("1.3-old", other, false)).isEqualTo("GONE");
        assertThat(target.tags(REPOSITORY)).containsOnly("1.2", "1.2-old");
        done(copy(other.manifest(), "1.2"));
        target.deletesImages = false;
        assertThat(untag("1.2-old", image, false)).isEqualTo("REFUSED");
    }

    @Test
    void imageWithATagOfSomebodyElses_stays_alsoWhereNobodyCanTell() throws Exception {
        target.refusesToDeleteTags = 405;
        done(copy(image.manifest(), "1.2-old"));
        target.retag(REPOSITORY, "theirs", image.manifest());
        assertThat(untag("1.2-old", image, false)).isEqualTo("WANTED");
        done(copy(other.manifest(), "theirs"));
        target.listsTags = false;
        assertThat(untag("1.2-old", image, false)).isEqualTo("WANTED");
        assertThat(target.requests()).noneMatch(line -> line.startsWith("DELETE") && line.contains("sha256:"));
        target.listsTags = true;
        target.retag(REPOSITORY, "1.2-older", image.manifest());
        assertThat(untag("1.2-old", image, false, "1.2-older")).isEqualTo("GONE");
        assertThat(target.tags(REPOSITORY)).containsOnly("theirs");
    }

    private String untag(String tag, Image made, boolean wanted, String... leaving) throws Exception {
        String order = """
                {"target": {"url": "%s/%s"}, "tag": "%s", "image": "%s", "wanted": %s, "leaving": %s}
                """.formatted(target.url(), REPOSITORY, tag, made.manifest(), wanted, list(List.of(leaving)));
        return cache.post(operator, "/jobs/v1/untag", order).body().replaceAll(".*\"untagged\":\"([A-Z]+)\".*", "$1");
    }
}
