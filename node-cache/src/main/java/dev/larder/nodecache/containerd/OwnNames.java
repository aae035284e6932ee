package dev.larder.nodecache.containerd;

/**
 * Every name the hosts writer gives to something on the node. None can be taken for content: containerd looks only for
 * folders named after registries, and in them for {@code hosts.toml} and files ending in .crt, .cert or .key.
 *
 * <pre>
 * certs.d/
 *   .larder-folder                          we made this folder; it goes when nothing else is left in it
 *   .larder-default-new-docker.io/          a registry's folder before it is put in place
 *   .larder-default-old-docker.io/          the same, taken out of place
 *   docker.io/
 *     .larder-folder
 *     .larder-default-0123456789abcdef.pem  trust for an upstream, named by what it holds
 *     hosts.toml                            ours when the first line says so
 *     hosts.toml.default.larder-original    the file that was there before, moved by link, so the very same one
 *     hosts.toml.default.larder-new         ours, before it is put in place
 *     hosts.toml.default.larder-link        the original on its way to the name above
 * </pre>
 *
 * The resource's name is part of them, so that the writers of two resources leave each other's files alone.
 */
final class OwnNames {

    static final String HOSTS_TOML = "hosts.toml";
    static final String FOLDER_MARKER = ".larder-folder";
    static final String CA_SUFFIX = ".pem";

    private static final String PREFIX = ".larder-";

    private OwnNames() {}

    static String original(String resource) {
        return HOSTS_TOML + "." + resource + ".larder-original";
    }

    static String fresh(String resource) {
        return HOSTS_TOML + "." + resource + ".larder-new";
    }

    static String link(String resource) {
        return HOSTS_TOML + "." + resource + ".larder-link";
    }

    static String caPrefix(String resource) {
        return PREFIX + resource + "-";
    }

    /** Whether a name at the top of a root is any resource's. */
    static boolean isOurs(String name) {
        return name.startsWith(PREFIX);
    }

    static boolean isCa(String name, String resource) {
        return name.startsWith(caPrefix(resource)) && name.endsWith(CA_SUFFIX);
    }

    static String newFolder(String resource, String name) {
        return PREFIX + resource + "-new-" + name;
    }

    static String oldFolder(String resource, String name) {
        return PREFIX + resource + "-old-" + name;
    }

    /** The name under which a passing folder was, or would have been, put in place. */
    static String placeOf(String passing, String resource) {
        return passing.substring(newFolder(resource, "").length()); // old is as long as new
    }

    static boolean isPassingFolder(String name, String resource) {
        return name.startsWith(newFolder(resource, "")) || name.startsWith(oldFolder(resource, ""));
    }
}
