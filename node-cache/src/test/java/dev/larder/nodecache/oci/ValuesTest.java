package dev.larder.nodecache.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.fake.Callers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {

    @Test
    void digest_ofContent() {
        Digest digest = Digest.sha256("hello".getBytes(StandardCharsets.UTF_8));
        assertThat(digest).hasToString("sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        assertThat(Digest.parse(digest.toString())).isEqualTo(digest);
        Digest long512 = new Digest("sha512", "0".repeat(128));
        assertThat(long512.of(new byte[0]).algorithm()).isEqualTo("sha512");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "sha256:",
                "sha256:ABC",
                "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
                "sha256:../../x"
            })
    void digest_refused(String text) {
        assertThatThrownBy(() -> Digest.parse(text)).isInstanceOf(InvalidRequest.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "library/nginx", "a.b/c__d/e--f-g", "0/1"})
    void repository_accepted(String name) {
        assertThat(new RepositoryName(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a/", "/a", "A", "a..b", "a___b", "-a", "a/../b", "_tags", "a b"})
    void repository_refused(String name) {
        assertThatThrownBy(() -> new RepositoryName(name)).isInstanceOf(InvalidRequest.class);
    }

    @Test
    void repository_longHostileNameIsRefusedQuickly() {
        String hostile = "a-".repeat(120) + "!";
        long began = System.nanoTime();
        assertThatThrownBy(() -> new RepositoryName(hostile)).isInstanceOf(InvalidRequest.class);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void accept_sameClassInAnyOrder() {
        String a = MediaType.OCI_INDEX + ", " + MediaType.DOCKER_LIST + ";q=0.5, */*";
        String b = "*/*," + MediaType.DOCKER_LIST + "," + MediaType.OCI_INDEX;
        assertThat(Accept.of(a).answerClass()).isEqualTo(Accept.of(b).answerClass());
        assertThat(Accept.of(MediaType.OCI_INDEX.value()).answerClass())
                .isNotEqualTo(Accept.of(MediaType.OCI_MANIFEST.value()).answerClass());
        assertThat(Accept.of("*/*").header()).contains(MediaType.OCI_INDEX.value());
    }

    @Test
    void secret_neverPrintsItself() {
        assertThat(Callers.showing("Bearer abc")).asString().doesNotContain("abc");
    }
}
