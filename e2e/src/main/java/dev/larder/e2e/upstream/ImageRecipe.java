package dev.larder.e2e.upstream;

import dev.larder.e2e.toolchain.DebianArchive;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An image to be made of Debian packages: each layer a list of packages, with files put in other places as well
 * ({@code copies}: path in the image to path in the packages) and empty folders.
 */
record ImageRecipe(
        String repository,
        String tag,
        List<String> architectures,
        List<List<String>> layers,
        Map<String, String> copies,
        List<String> folders,
        List<String> entrypoint) {
    private static final List<String> LIBRARIES =
            List.of("libc6", "libcrypt1", "libpcre2-8-0", "libssl3", "zlib1g", "libgcc-s1");

    static ImageRecipe busybox() {
        return new ImageRecipe(
                "library/busybox",
                "1.35",
                List.of("amd64", "arm64"),
                List.of(List.of("busybox-static")),
                Map.of("/bin/sh", "/bin/busybox", "/bin/sleep", "/bin/busybox"),
                List.of("/tmp"),
                List.of("/bin/sleep", "1000000"));
    }

    static ImageRecipe nginx() {
        return new ImageRecipe(
                "library/nginx",
                "1.22",
                List.of(),
                List.of(LIBRARIES, List.of("nginx", "nginx-common", "base-passwd")),
                Map.of(
                        "/etc/passwd",
                        "/usr/share/base-passwd/passwd.master",
                        "/etc/group",
                        "/usr/share/base-passwd/group.master",
                        "/etc/nginx/sites-enabled/default",
                        "/etc/nginx/sites-available/default"),
                List.of("/var/lib/nginx", "/var/log/nginx", "/run", "/tmp"),
                List.of("/usr/sbin/nginx", "-g", "daemon off;"));
    }

    static ImageRecipe twelveLayers() {
        return new ImageRecipe(
                "larder/layers",
                "12",
                List.of(),
                List.of(
                        List.of("busybox-static"),
                        List.of("libc6"),
                        List.of("libssl3"),
                        List.of("zlib1g"),
                        List.of("libpcre2-8-0"),
                        List.of("libgcc-s1"),
                        List.of("libstdc++6"),
                        List.of("tzdata"),
                        List.of("media-types"),
                        List.of("netbase"),
                        List.of("libcrypt1"),
                        List.of("base-passwd")),
                Map.of("/bin/sleep", "/bin/busybox"),
                List.of("/tmp"),
                List.of("/bin/sleep", "1000000"));
    }

    static ImageRecipe large() {
        return new ImageRecipe(
                "larder/large",
                "1",
                List.of(),
                List.of(
                        List.of("busybox-static"),
                        List.of("openjdk-17-jre-headless"),
                        List.of("libllvm14", "libclang-cpp14")),
                Map.of("/bin/sleep", "/bin/busybox"),
                List.of("/tmp"),
                List.of("/bin/sleep", "1000000"));
    }

    /** The packages it needs, as {@code name:architecture}. */
    Stream<String> packages() {
        List<String> wanted = architectures.isEmpty() ? List.of(DebianArchive.architecture()) : architectures;
        return wanted.stream()
                .flatMap(architecture -> layers.stream().flatMap(List::stream).map(name -> name + ":" + architecture));
    }
}
