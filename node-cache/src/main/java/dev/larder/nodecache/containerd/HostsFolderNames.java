package dev.larder.nodecache.containerd;

import java.util.List;

/**
 * The folders in which containerd looks for a registry's hosts.toml; the first that exists is used, even when empty.
 *
 * @param names in containerd's order, without {@code _default}
 * @param made the one to make when there is none
 */
record HostsFolderNames(List<String> names, String made) {

    /** Takes the place of a folder that a registry does not have. */
    static final String DEFAULT = "_default";

    static HostsFolderNames of(String registry) {
        if (registry.isEmpty() || registry.startsWith(".") || registry.contains("/") || registry.equals(DEFAULT)) {
            throw new IllegalArgumentException("not a registry: \"" + registry + "\"");
        }
        int colon = registry.lastIndexOf(':');
        if (colon <= 0) {
            return new HostsFolderNames(List.of(registry), registry);
        }
        String underscored = registry.substring(0, colon) + "_" + registry.substring(colon + 1) + "_";
        boolean port = !registry.endsWith("]"); // [fd00::1] has a colon and no port; containerd looks all the same
        return new HostsFolderNames(List.of(underscored, registry), port ? underscored : registry);
    }
}
