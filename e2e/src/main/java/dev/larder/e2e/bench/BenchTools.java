package dev.larder.e2e.bench;

import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.DebianPrograms;
import dev.larder.e2e.toolchain.DebianPrograms.Program;
import dev.larder.e2e.toolchain.Progress;
import java.nio.file.Path;
import java.util.List;

/** What Larder is measured beside and with: nginx and docker-registry; wrk and hey. From Debian packages, not installed. */
record BenchTools(Path nginx, Path registry, Path wrk, Path hey) {
    static BenchTools prepare(CacheFolder cache, Progress progress) {
        DebianPrograms.Prepared programs = new DebianPrograms(
                        "bench-tools",
                        List.of("nginx", "libpcre2-8-0", "libssl3", "wrk", "libluajit-5.1-2", "hey", "docker-registry"),
                        List.of(
                                new Program("nginx", "usr/sbin/nginx"),
                                new Program("docker-registry", "usr/bin/docker-registry"),
                                new Program("wrk", "usr/bin/wrk"),
                                new Program("hey", "usr/bin/hey")))
                .prepare(cache, progress);
        return new BenchTools(
                programs.command("nginx"),
                programs.command("docker-registry"),
                programs.command("wrk"),
                programs.command("hey"));
    }
}
