package dev.larder.operator.nodes;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which containerd a node runs, from its {@code containerRuntimeVersion}, such as {@code containerd://2.1.3-k3s1}. */
record ContainerdVersion(int major, int minor) {

    private static final Pattern TEXT = Pattern.compile("containerd://v?(\\d{1,4})\\.(\\d{1,4}).*");

    /** Empty when it is another runtime. A containerd that does not tell its version counts as the newest. */
    static Optional<ContainerdVersion> parse(String runtime) {
        if (!runtime.startsWith("containerd://")) {
            return Optional.empty();
        }
        Matcher matcher = TEXT.matcher(runtime);
        return Optional.of(
                matcher.matches()
                        ? new ContainerdVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)))
                        : new ContainerdVersion(Integer.MAX_VALUE, 0));
    }

    boolean atLeast(int wantedMajor, int wantedMinor) {
        return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
    }

    @Override
    public String toString() {
        return major == Integer.MAX_VALUE ? "containerd" : "containerd " + major + "." + minor;
    }
}
