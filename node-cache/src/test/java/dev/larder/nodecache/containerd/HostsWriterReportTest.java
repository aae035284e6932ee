package dev.larder.nodecache.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.containerd.HostsWriterReport.RegistryState;
import dev.larder.nodecache.containerd.HostsWriterReport.State;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class HostsWriterReportTest {

    static final String CACHE = "http://127.0.0.1:5151";

    private static HostsWriterReport report(Instant at, String message) {
        ContainerdFacts facts = new ContainerdFacts(
                Optional.of("/a:/b"),
                Optional.empty(),
                Optional.of(Path.of("/etc/containerd/config.toml")),
                3,
                List.of("discard_unpacked_layers"),
                false,
                "");
        return new HostsWriterReport(
                at,
                true,
                "r1",
                true,
                message,
                facts,
                Path.of("/a"),
                List.of(new RegistryState("docker.io", State.PRESENT, true, "")),
                false,
                2);
    }

    @Test
    void json_isTheDocumentedOne() {
        assertThat(report(Instant.parse("2026-11-22T12:00:00Z"), "").json())
                .isEqualTo("{\"updatedAt\": \"2026-11-22T12:00:00Z\", \"manage\": true, \"revision\": \"r1\", "
                        + "\"cacheAnswers\": true, \"message\": \"\", \"configPath\": {\"raw\": \"/a:/b\", "
                        + "\"rawOnContainerd1\": \"\", \"source\": \"/etc/containerd/config.toml\", \"used\": \"/a\", "
                        + "\"localPullForced\": true, \"localPullForcedBy\": [\"discard_unpacked_layers\"], "
                        + "\"configVersion\": 3, \"mirrorsSection\": false, \"problem\": \"\"}, "
                        + "\"registries\": [{\"host\": \"docker.io\", \"state\": \"Present\", \"foreign\": true, "
                        + "\"message\": \"\"}], \"restored\": false, \"kills\": 2}");
    }

    @Test
    void json_anyTextSurvives() {
        String odd = "quote \" backslash \\ line\n\u0000\u001f\u2028 é 🚀";
        Object read = new Load(LoadSettings.builder().build())
                .loadFromString(report(Instant.EPOCH, odd).json().replace("\\ud83d\\ude80", "🚀"));
        assertThat(read).isInstanceOf(Map.class);
        assertThat(((Map<?, ?>) read).get("message")).isEqualTo(odd);
    }

    @Test
    void saysTheSame_apartFromTheTime() {
        assertThat(report(Instant.EPOCH, "").saysTheSame(report(Instant.MAX, "")))
                .isTrue();
        assertThat(report(Instant.EPOCH, "").saysTheSame(report(Instant.EPOCH, "x")))
                .isFalse();
    }

    @Test
    void write_replacesAndLeavesNothingBeside(@TempDir Path run) throws IOException {
        report(Instant.EPOCH, "one").write(run);
        report(Instant.EPOCH, "two").write(run);
        assertThat(DiskSteps.names(run)).containsExactly("hosts-writer.json");
        assertThat(run.resolve("hosts-writer.json"))
                .content()
                .contains("\"message\": \"two\"")
                .endsWith("}\n");
    }
}
