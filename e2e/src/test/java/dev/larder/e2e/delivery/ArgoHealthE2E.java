package dev.larder.e2e.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.process.Command;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.DeliveryTools;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.toolchain.SourceTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Argo CD makes of our statuses, by its own program and the rules that we ship. */
class ArgoHealthE2E {
    private static final Path RULES = SourceTree.find().resolve("deploy/argocd/argocd-cm.yaml");
    private static final Path PROGRAM = DeliveryTools.argoCd(CacheFolder.ofEnvironment(), new Progress(System.out))
            .program();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** Conditions as {@code Type=Status Reason}, their message being the reason again. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        RegistryCache | Ready=True Serving                                          | Healthy     | Serving
        RegistryCache | Ready=True Serving; Degraded=True NodesFailing              | Healthy     | Serving
        RegistryCache | Ready=True Serving; ContainerdConfigured=False NotManaged   | Healthy     | Serving
        RegistryCache | Ready=True Serving; InsecureUpstream=True Unprotected       | Healthy     | Serving
        RegistryCache | Ready=True Serving; CredentialsValid=False Refused          | Degraded    | CredentialsValid: Refused
        RegistryCache | Ready=True Serving; CloudLoginsCurrent=False RenewalFailed  | Degraded    | CloudLoginsCurrent: RenewalFailed
        RegistryCache | Ready=True Serving; Conflict=True OlderKeeps                | Degraded    | OlderKeeps
        RegistryCache | Ready=False Progressing; Progressing=True RollingOut        | Progressing | Progressing
        RegistryCache | Ready=False NoNodes                                         | Suspended   | NoNodes
        RegistryCache | Ready=False InvalidSpec                                     | Degraded    | InvalidSpec: InvalidSpec
        RegistryCache | Ready=False Conflict                                        | Degraded    | Conflict: Conflict
        RegistryCache | Ready=False NodesFailing; Degraded=True NodesFailing        | Degraded    | NodesFailing: NodesFailing
        MirroredImage | Ready=True Served; Checked=True Checked                     | Healthy     | Served
        MirroredImage | Ready=True Served; Promoted=False Waiting                   | Healthy     | Served
        MirroredImage | Ready=True Served; Checked=False UpstreamFailed             | Healthy     | Served; UpstreamFailed
        MirroredImage | Ready=True Served; Degraded=True Problems                   | Degraded    | Problems
        MirroredImage | Ready=False Fetching                                        | Progressing | Fetching
        MirroredImage | Ready=False NoNodeCache                                     | Progressing | NoNodeCache
        MirroredImage | Ready=False SourceNotCached; Checked=False CannotCheck      | Progressing | SourceNotCached
        MirroredImage | Ready=False InvalidSpec; Checked=False CannotCheck          | Degraded    | InvalidSpec: InvalidSpec
        MirroredImage | Ready=False NothingServed; Promoted=False Waiting           | Suspended   | waits for its promotion: Waiting
        MirroredImage | Ready=False NothingServed; Checked=False NoNodeCache        | Progressing | NoNodeCache
        MirroredImage | Ready=False NothingServed; Checked=False UpstreamFailed     | Degraded    | UpstreamFailed: UpstreamFailed
        MirroredImage | Ready=False NothingServed; Checked=False Refused            | Degraded    | Refused: Refused
        """)
    void conditions_areJudged(String kind, String conditions, String status, String message) throws IOException {
        assertThat(judge(
                        kind,
                        "{generation: 3}",
                        "{observedGeneration: 3, conditions: [%s]}".formatted(yaml(conditions))))
                .isEqualTo("STATUS: " + status + "\nMESSAGE: " + message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        RegistryCache | {generation: 3}                                            | the operator has not seen this spec yet
        MirroredImage | {generation: 3}                                            | the operator has not looked at the upstream for this spec yet
        RegistryCache | {generation: 2, deletionTimestamp: "2026-01-01T00:00:00Z"} | Pending deletion
        MirroredImage | {generation: 2, deletionTimestamp: "2026-01-01T00:00:00Z"} | Pending deletion
        """)
    void statusOfAnotherTime_isNotBelieved(String kind, String metadata, String message) throws IOException {
        String old = "{observedGeneration: 2, conditions: [%s]}".formatted(yaml("Ready=True Serving"));
        assertThat(judge(kind, metadata, old)).isEqualTo("STATUS: Progressing\nMESSAGE: " + message);
    }

    @ParameterizedTest
    @CsvSource({"RegistryCache", "MirroredImage"})
    void noStatus_isProgress(String kind) throws IOException {
        assertThat(judge(kind, "{generation: 1}", "{}")).startsWith("STATUS: Progressing\n");
        assertThat(judge(kind, "{generation: 1}", "null")).startsWith("STATUS: Progressing\n");
    }

    private static String yaml(String conditions) {
        return conditions.replaceAll("(\\w+)=(\\w+) (\\w+);?", "{type: $1, status: \"$2\", reason: $3, message: $3},");
    }

    private String judge(String kind, String metadata, String status) throws IOException {
        Path file = folder.resolve("resource.yaml");
        Files.writeString(file, """
                apiVersion: larder.dev/v1alpha1
                kind: %s
                metadata: %s
                status: %s
                """.formatted(kind, metadata.replace("{", "{name: it, "), status));
        return Command.of(
                        PROGRAM.toString(),
                        "admin",
                        "settings",
                        "resource-overrides",
                        "health",
                        file.toString(),
                        "--argocd-cm-path",
                        RULES.toString())
                .with(Map.of("ARGOCD_BINARY_NAME", "argocd", "HOME", folder.toString()))
                .run()
                .lines()
                // Its log, on the same output.
                .filter(line -> !line.startsWith("{"))
                .collect(Collectors.joining("\n"));
    }
}
