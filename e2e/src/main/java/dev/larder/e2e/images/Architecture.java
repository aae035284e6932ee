package dev.larder.e2e.images;

/**
 * The processor architecture an image is for: always this machine's, since the runtime is linked from its JDK and each program
 * is trained by running it.
 */
record Architecture(String oci, String gnuTriple, String loader, String netty) {
    static Architecture ofThisMachine() {
        String name = System.getProperty("os.arch");
        return switch (name) {
            case "amd64", "x86_64" ->
                new Architecture("amd64", "x86_64-linux-gnu", "lib64/ld-linux-x86-64.so.2", "x86_64");
            case "aarch64" -> new Architecture("arm64", "aarch64-linux-gnu", "lib/ld-linux-aarch64.so.1", "aarch_64");
            default ->
                throw new ImageBuildException("No image is built for the architecture " + name
                        + ": build on a machine with amd64 or aarch64.");
        };
    }
}
