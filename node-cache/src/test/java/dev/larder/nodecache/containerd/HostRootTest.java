package dev.larder.nodecache.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostRootTest {

    @TempDir
    private Path host;

    private HostRoot node = new HostRoot(Path.of("/"), List.of());

    @BeforeEach
    void arrange() throws IOException {
        Files.createDirectories(host.resolve("etc/containerd"));
        node = new HostRoot(host, List.of(host.resolve("etc/containerd")));
    }

    private void link(String from, String to) throws IOException {
        Files.createSymbolicLink(host.resolve(from.substring(1)), Path.of(to));
    }

    @Test
    void real_withoutLinks_isTheSame() throws IOException {
        assertThat(node.real(Path.of("/etc/containerd/certs.d/x"))).contains(Path.of("/etc/containerd/certs.d/x"));
        assertThat(node.real(Path.of("/etc/../etc/./containerd"))).contains(Path.of("/etc/containerd"));
    }

    @Test
    void real_linksLeadWhereTheyLeadOnTheNode_neverOutOfThePrefix() throws IOException {
        link("/etc/containerd/absolute", "/var/certs");
        link("/etc/containerd/relative", "../other/certs");
        link("/etc/containerd/escape", "../../../../../../../../tmp");
        link("/etc/containerd/chain", "absolute/deep");
        assertThat(node.real(Path.of("/etc/containerd/absolute/a"))).contains(Path.of("/var/certs/a"));
        assertThat(node.real(Path.of("/etc/containerd/relative"))).contains(Path.of("/etc/other/certs"));
        assertThat(node.real(Path.of("/etc/containerd/escape"))).contains(Path.of("/tmp"));
        assertThat(node.under(Path.of("/tmp"))).isEqualTo(host.resolve("tmp"));
        assertThat(node.real(Path.of("/etc/containerd/chain"))).contains(Path.of("/var/certs/deep"));
    }

    @Test
    void real_circleOfLinks_isNowhere() throws IOException {
        link("/etc/containerd/a", "b");
        link("/etc/containerd/b", "a");
        assertThat(node.real(Path.of("/etc/containerd/a"))).isEmpty();
    }

    @Test
    void isMounted_onlyBelowAMount() {
        assertThat(node.isMounted(Path.of("/etc/containerd/certs.d"))).isTrue();
        assertThat(node.isMounted(Path.of("/etc/containerd"))).isTrue();
        assertThat(node.isMounted(Path.of("/etc"))).isFalse();
        assertThat(node.isMounted(Path.of("/var/certs"))).isFalse();
        assertThat(new HostRoot(host, List.of()).isMounted(Path.of("/var/certs")))
                .as("no mounts below the prefix: not in a container")
                .isTrue();
    }

    @Test
    void at_rootItself_isTheMachine() throws IOException {
        HostRoot machine = HostRoot.at(Path.of("/"));
        assertThat(machine.under(Path.of("/etc/containerd"))).isEqualTo(Path.of("/etc/containerd"));
        assertThat(machine.isMounted(Path.of("/anywhere"))).isTrue();
    }
}
