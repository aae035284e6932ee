package dev.larder.e2e.cluster;

import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A node of a cluster, with what tests do to it that Kubernetes has no API for. */
public interface Node {
    String name();

    String address();

    /** A command to be run on the node: in its network, with its files and processes. */
    Command command(String... line);

    /** Loads an image archive (OCI or Docker) that lies on this machine into containerd's Kubernetes namespace. */
    void importImage(Path archive);

    /**
     * Removes an image from containerd with its content, under all its names, so that the next pull starts from nothing.
     * First removes its ended containers, waiting for their end: a kubelet leaves them for a minute, and while one is there it
     * keeps the unpacked layers, which containerd then does not pull again.
     */
    default void removeImage(String reference) {
        Await.until("the end of the containers of " + reference, Duration.ofMinutes(2), () -> {
            List<String> left = containers(reference);
            left.forEach(id -> command("ctr", "--namespace", "k8s.io", "containers", "rm", id)
                    .result());
            return left.isEmpty();
        });
        List<String[]> images = command("ctr", "--namespace", "k8s.io", "images", "list")
                .run()
                .lines()
                .skip(1)
                .map(line -> line.split("\\s+", 4))
                .toList();
        // REF TYPE DIGEST …: a pulled image is also there by its digest and by its id, and each of them keeps the
        // content.
        String digest = images.stream()
                .filter(image -> image[0].equals(reference))
                .map(image -> image[2])
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(name() + " has no image " + reference));
        var line = new ArrayList<>(List.of("ctr", "--namespace", "k8s.io", "images", "rm", "--sync"));
        images.stream().filter(image -> image[2].equals(digest)).forEach(image -> line.add(image[0]));
        command(line.toArray(String[]::new)).run();
    }

    /** Whether containerd has an image by this name. */
    default boolean hasImage(String reference) {
        return command("ctr", "--namespace", "k8s.io", "images", "list", "--quiet")
                .run()
                .lines()
                .anyMatch(reference::equals);
    }

    private List<String> containers(String reference) {
        // CONTAINER IMAGE RUNTIME
        return command("ctr", "--namespace", "k8s.io", "containers", "list")
                .run()
                .lines()
                .map(line -> line.split("\\s+", 3))
                .filter(columns -> columns.length > 1 && columns[1].equals(reference))
                .map(columns -> columns[0])
                .toList();
    }
}
