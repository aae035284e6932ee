package dev.larder.e2e.toolchain;

import java.nio.file.Path;

/** The tool that signs images. */
public final class Cosign {
    private static final String VERSION = "2.6.5";

    private Cosign() {}

    /** Finds it in the cache, or builds it, which takes some minutes. */
    public static Path prepare(CacheFolder cache, Progress progress) {
        return GoBuild.cosign(VERSION).programs(cache, progress).resolve("cosign");
    }
}
