package dev.larder.e2e.cluster;

import dev.larder.e2e.process.Command;
import java.nio.file.Path;

/** A node that only the Kubernetes API reaches. */
record RemoteNode(String name, String address) implements Node {
    static RemoteNode of(io.fabric8.kubernetes.api.model.Node node) {
        String address = node.getStatus().getAddresses().stream()
                .filter(candidate -> "InternalIP".equals(candidate.getType()))
                .findFirst()
                .map(io.fabric8.kubernetes.api.model.NodeAddress::getAddress)
                .orElse("");
        return new RemoteNode(node.getMetadata().getName(), address);
    }

    @Override
    public Command command(String... line) {
        throw unreachable();
    }

    @Override
    public void importImage(Path archive) {
        throw unreachable();
    }

    private UnsupportedOperationException unreachable() {
        return new UnsupportedOperationException(
                "node " + name + " belongs to a cluster that is not ours: commands cannot be run on it from here");
    }
}
