package dev.larder.nodecache.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.fuzz.Fuzz;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Names and references: what is taken says itself back, and everything else is an InvalidRequest. */
class OciFuzzTest {

    private static final String HEX = "0123456789abcdef".repeat(4);

    private static void saysItselfBack(List<String> seeds, Function<String, Object> parser)
            throws InterruptedException {
        Fuzz.run(seeds, input -> {
            try {
                assertThat(parser.apply(input)).hasToString(input);
            } catch (InvalidRequest e) {
                assertThat(e.getMessage()).hasSizeLessThan(1000);
            }
        });
    }

    @Test
    void references() throws InterruptedException {
        saysItselfBack(
                List.of("latest", "1.27-alpine_x", "sha256:" + HEX, "sha512:" + HEX + HEX, "sha256:" + HEX + ":"),
                Reference::parse);
    }

    @Test
    void repositories() throws InterruptedException {
        saysItselfBack(
                List.of("library/nginx", "a/b__c/d---e/f.g", "a".repeat(255), "a/".repeat(127) + "a"),
                RepositoryName::new);
    }

    /** The distribution specification's own expression. */
    @Test
    void repositories_areThoseOfTheGrammar() throws InterruptedException {
        String word = "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*";
        Pattern grammar = Pattern.compile(word + "(/" + word + ")*");
        Fuzz.run(
                List.of("a/b", "a.b_c__d-e--f/g", "a__", "_a", "a..b", "a//b", "a___b", "a-_b", "a/"),
                input -> assertThat(isTaken(() -> new RepositoryName(input)))
                        .isEqualTo(
                                input.length() <= 255 && grammar.matcher(input).matches()));
    }

    @Test
    void digests_areThoseOfTheGrammar() throws InterruptedException {
        Pattern grammar = Pattern.compile("sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}");
        Fuzz.run(
                List.of("sha256:" + HEX, "sha512:" + HEX + HEX, "sha256:" + HEX + HEX, "sha512:" + HEX),
                input -> assertThat(isTaken(() -> Digest.parse(input)))
                        .isEqualTo(grammar.matcher(input).matches()));
    }

    @Test
    void registries_areThoseOfTheGrammar() throws InterruptedException {
        Pattern grammar =
                Pattern.compile("(?:[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?|\\[[0-9a-f:.]{2,45}])(?::[0-9]{1,5})?");
        Fuzz.run(
                List.of(
                        "docker.io",
                        "a-.b:50000",
                        "[::1]:5000",
                        "[" + "f".repeat(45) + "]",
                        "a".repeat(254) + ":1",
                        "-a"),
                input -> assertThat(isTaken(() -> new RegistryHost(input)))
                        .isEqualTo(grammar.matcher(input).matches()));
    }

    @Test
    void tags_areThoseOfTheGrammar() throws InterruptedException {
        Pattern grammar = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");
        Fuzz.run(
                List.of("latest", "_1.27-alpine_x", "-a", ".a", "a".repeat(128), "a".repeat(129), "\u00e9"),
                input -> assertThat(isTaken(() -> new Tag(input)))
                        .isEqualTo(grammar.matcher(input).matches()));
    }

    private static boolean isTaken(Supplier<Object> parser) {
        try {
            return !parser.get().toString().isEmpty();
        } catch (InvalidRequest e) {
            return false;
        }
    }

    @Test
    void registries() throws InterruptedException {
        saysItselfBack(List.of("docker.io", "registry.local:5000", "[::1]:5000", "a--b.c"), RegistryHost::new);
        Fuzz.run(
                List.of("docker.io", "[::1]:5000", "\u0130".repeat(5000)),
                input -> assertThat(RegistryHost.isValid(input)).isIn(true, false));
    }

    @Test
    void mediaTypesAndAccept() throws InterruptedException {
        List<String> seeds = List.of(
                MediaType.OCI_INDEX.value(),
                "text/plain; charset=utf-8",
                MediaType.OCI_MANIFEST + ", " + MediaType.DOCKER_LIST + ";q=0.5, */*");
        Fuzz.run(seeds, input -> {
            assertThat(Accept.of(input).answerClass()).matches("[0-9a-f]{1,2}");
            try {
                assertThat(MediaType.parse(input).value()).hasSizeBetween(1, 255);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessage("not a media type");
            }
        });
    }
}
