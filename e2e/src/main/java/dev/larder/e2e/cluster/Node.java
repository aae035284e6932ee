package dev.larder.e2e.cluster;

import dev.larder.e2e.process.Command;
import java.nio.file.Path;

/** A node of a cluster, with what tests do to it that Kubernetes has no API for. */
public interface Node {
    String name();

    String address();

    /** A command to be run on the node: in its network, with its files and processes. */
    Command command(String... line);

    /** Loads an image archive (OCI or Docker) that lies on this machine into containerd's Kubernetes namespace. */
    void importImage(Path archive);

    /** Removes an image from containerd together with its content, so that the next pull starts from nothing. */
    default void removeImage(String reference) {
        command("ctr", "--namespace", "k8s.io", "images", "rm", "--sync", reference)
                .run();
        command("ctr", "--namespace", "k8s.io", "content", "prune", "references")
                .run();
    }
}
