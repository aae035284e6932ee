package dev.larder.e2e.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.process.Command;
import dev.larder.e2e.toolchain.SourceTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What kubectl tells of both kinds: words for every field, columns, short names, and what would come of an apply. */
class KubectlE2E {
    private static final String NUMBER_OR_WORD = "mimg.spec.to.nodes.keep";
    private static final Path EXAMPLES = SourceTree.find().resolve("deploy/examples");
    /** A field with fields of its own, as {@code kubectl explain} lists it. */
    private static final Pattern NESTED = Pattern.compile("(?m)^  (\\w+)\\t<(?:\\[])?Object>");

    @SuppressWarnings("NullAway.Init")
    private static ApiServer api;

    @BeforeAll
    static void start() throws IOException {
        api = ApiServer.start();
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @ParameterizedTest
    @CsvSource({
        "rcache, 25, A caching registry proxy on every node",
        "mimg, 15, Chosen tags of one repository",
    })
    void everyField_isExplained(String kind, int objects, String first) {
        assertThat(kubectl("explain", kind)).contains(first);
        assertThat(explained(kind)).isGreaterThan(objects);
    }

    /** How many objects there are at and below a path, each with words for itself and for all its fields. */
    private static int explained(String path) {
        String text = kubectl("explain", path);
        assertThat(text).as(path).contains("DESCRIPTION:").doesNotContain("<empty>", "<no description>");
        if (NUMBER_OR_WORD.equals(path)) {
            return 0; // kubectl calls it an object
        }
        assertThat(text).as(path).contains("FIELDS:");
        return 1
                + NESTED.matcher(text)
                        .results()
                        .map((MatchResult field) -> field.group(1))
                        .mapToInt(field -> explained(path + "." + field))
                        .sum();
    }

    @ParameterizedTest
    @CsvSource({
        "rcache, NAME READY REASON NODES SERVING CONFIGURED HIT RATIO AGE",
        "mimg, NAME SOURCE READY SERVING SINCE WAITING NODES CHECKED",
    })
    void columns_areFewer_untilWideOnesAreAskedFor(String kind, String columns) {
        String example = kind.equals("rcache") ? "default.yaml" : "mirrored-image.yaml";
        kubectl("apply", "-f", EXAMPLES.resolve(example).toString());
        assertThat(columns("get", kind)).isEqualTo(columns);
        assertThat(columns("get", kind, "-o", "wide")).isEqualTo(columns + " MESSAGE");
        assertThat(kubectl("get", "larder", "-o", "name")).hasLineCount(1);
        kubectl("delete", "-f", EXAMPLES.resolve(example).toString());
    }

    private static String columns(String... arguments) {
        return kubectl(arguments).lines().findFirst().orElse("").strip().replaceAll(" +", " ");
    }

    /** In either way of applying. Once they are applied, there is nothing that another apply would change. */
    @ParameterizedTest
    @CsvSource({"--server-side, serverside-applied (server dry run)", "--server-side=false, created (server dry run)"})
    void dryRun_takesEveryExample_andMakesNone(String way, String said) throws IOException {
        String all = EXAMPLES.toString();
        try (var files = Files.list(EXAMPLES)) {
            assertThat(kubectl("apply", way, "--dry-run=server", "-f", all))
                    .hasLineCount((int) files.count())
                    .matches(text -> text.lines().allMatch(line -> line.endsWith(said)));
        }
        assertThat(kubectl("get", "larder", "-o", "name")).isEmpty();
        assertThat(result("diff", way, "-f", all).status()).as("a difference").isEqualTo(1);
        kubectl("apply", way, "-f", all);
        assertThat(result("diff", way, "-f", all)).as("none").isEqualTo(new Command.Result(0, ""));
        kubectl("delete", "-f", all);
    }

    @Test
    void dryRun_refusesWhatAnApplyWould() throws IOException {
        Path wrong = Files.writeString(api.folder().resolve("wrong.yaml"), """
                apiVersion: larder.dev/v1alpha1
                kind: RegistryCache
                metadata: {name: wrong}
                spec: {storage: {size: 20 GB}}
                """);
        Command.Result result = result("apply", "--server-side", "--dry-run=server", "-f", wrong.toString());
        assertThat(result.succeeded()).isFalse();
        assertThat(result.output()).contains("spec.storage.size", "such as 20Gi");
    }

    private static String kubectl(String... arguments) {
        Command.Result result = result(arguments);
        assertThat(result.succeeded())
                .as("%s: %s", List.of(arguments), result.output())
                .isTrue();
        return result.output();
    }

    private static Command.Result result(String... arguments) {
        return api.kubectl(arguments);
    }
}
