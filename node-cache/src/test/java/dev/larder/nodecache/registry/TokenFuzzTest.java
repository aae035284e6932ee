package dev.larder.nodecache.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.fake.SelfSigned;
import dev.larder.nodecache.fake.TokenMaker;
import dev.larder.nodecache.fuzz.Fuzz;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.Listing;
import dev.larder.nodecache.source.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of clients that nobody has let in yet, and what upstreams say of their tags. */
class TokenFuzzTest {

    private static final Instant LAST = Instant.ofEpochSecond(100_000_000_000L);

    @Test
    void tokens(@TempDir Path folder) throws Exception {
        String good = new TokenMaker(SelfSigned.make(folder, "issuer")).token("team/app", LAST);
        SignedToken token =
                WebToken.parse(new Secret("Bearer " + good)).signed().orElseThrow();
        PublicKey key = token.by().key();
        assertThat(token.isSignedWith(key)).isTrue();
        Fuzz.run(
                List.of("Bearer " + good, good, "Bearer e30.e30.e30", "Basic dTpw"),
                input -> sane(WebToken.parse(new Secret(input)), key, token.signed()));
        String[] parts = good.split("\\.", -1);
        String header = decoded(parts[0]);
        String claims = decoded(parts[1]);
        List<String> seeds = List.of(
                header + "\n" + claims,
                "{\"alg\":\"RS256\",\"x5c\":[\"a\"],\"crit\":[]}\n{\"exp\":18446744073709551616,\"nbf\":-1}",
                header + "\n{\"iss\":\"i\",\"aud\":[\"a\",\"b\"],\"exp\":1,\"access\":[{\"type\":\"repository\","
                        + "\"name\":\"a/b\",\"actions\":[\"pull\",\"push\"]},{}],\"x\":[[[{}]]]}");
        Fuzz.run(seeds, input -> {
            String[] both = (input + "\n").split("\n", 2);
            String made = "Bearer " + coded(both[0]) + "." + coded(both[1]) + "." + parts[2];
            sane(WebToken.parse(new Secret(made)), key, token.signed());
        });
    }

    /** Nothing but what was signed is taken for signed. */
    private static void sane(WebToken parsed, PublicKey key, String signed) {
        parsed.until().ifPresent(until -> assertThat(until).isBetween(Instant.EPOCH, LAST));
        parsed.signed().ifPresent(token -> {
            assertThat(parsed.until()).hasValue(token.until());
            assertThat(token.isSignedWith(key) && !token.signed().equals(signed))
                    .isFalse();
            assertThat(token.opens(new RepositoryName("team/app"), LAST)).isFalse();
            try {
                assertThat(token.by().key().getAlgorithm()).isNotEmpty();
            } catch (GeneralSecurityException | IllegalArgumentException noCertificate) {
                assertThat(noCertificate).isNotNull();
            }
        });
    }

    private static String decoded(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }

    private static String coded(String part) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(part.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void links() throws InterruptedException {
        List<String> seeds = List.of(
                "</v2/a/tags/list?n=1000&last=x>; rel=\"next\"",
                "<https://r.example/v2/a/tags/list?next_page=abc>;rel=next, <x>; rel=prev",
                "<?<?<?<?<<<<");
        Fuzz.run(seeds, input -> UpstreamQuestions.next(input)
                .ifPresent(query -> assertThat(query).doesNotContain("<", ">")));
    }

    @Test
    void tagLists() throws InterruptedException {
        RepositoryKey key = new RepositoryKey(RegistryHost.parse("registry.test"), new RepositoryName("a"));
        List<String> seeds = List.of(
                "{\"name\":\"a\",\"tags\":[\"v1\",\"v2\"]}",
                "{\"tags\":null}",
                "{\"x\":[[{}]],\"tags\":[1,{\"tags\":[]}]}");
        Fuzz.run(seeds, input -> {
            try {
                byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
                assertThat(UpstreamQuestions.names(key, new Listing(Map.of(), bytes)))
                        .hasSizeLessThan(input.length());
            } catch (UpstreamFailure e) {
                assertThat(e.kind()).isEqualTo(UpstreamFailure.Kind.MALFORMED);
            }
        });
    }
}
