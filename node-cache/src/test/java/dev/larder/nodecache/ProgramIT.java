package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as the build leaves it, started as its users start it: {@code target/dist/bin/node-cache --config FILE}. */
class ProgramIT {
    private static final Path PROGRAM = Path.of("target/dist/bin/node-cache").toAbsolutePath();

    @Test
    void builtProgram_servesByAConfigFileAlone_andStopsWhenAsked(@TempDir Path folder) throws Exception {
        try (FakeRegistry upstream = new FakeRegistry()) {
            Image image = upstream.push("library/app", "v1", 10_000, 1);
            String yaml = TestCache.yaml(folder, "", "", upstream);
            try (CacheProcess cache = new CacheProcess(folder, List.of(), yaml)) {
                cache.launch("exec '" + PROGRAM + "' --config '" + cache.config() + "'; ");
                cache.awaitReady();
                assertThat(cache.get("/v2/library/app/manifests/v1").body()).isEqualTo(image.manifestBytes());
                assertThat(cache.stop().waitFor(20, TimeUnit.SECONDS))
                        .as(cache.log())
                        .isTrue();
            }
        }
    }
}
