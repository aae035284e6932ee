package dev.larder.nodecache.http;

import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.registry.Route;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Method and path to a {@code Route}.
 *
 * <pre>
 * GET|HEAD  /v2/
 * GET|HEAD  /v2/NAME/manifests/TAG-OR-DIGEST
 * GET|HEAD  /v2/NAME/blobs/DIGEST
 * GET|HEAD  /v2/NAME/tags/list[?n=…&last=…]
 * GET|HEAD  /v2/NAME/referrers/DIGEST[?artifactType=…]
 * </pre>
 *
 * NAME may itself have segments called {@code manifests} or {@code blobs}, so paths are read from their end. The registry
 * is the {@code ns} query, else the OCI-Namespace header, else NAME's first segment.
 */
final class Routes {

    private static final String ROOT = "/v2";
    private static final List<String> METHODS = List.of("GET", "HEAD");

    private Routes() {}

    /** @param namespace the registry, when {@code ns} or the header said it; to be said back */
    record Parsed(Route route, Optional<String> namespace) {}

    /**
     * Reads one request line.
     *
     * @param query raw, or null
     * @param namespaceHeader OCI-Namespace, or null
     * @throws InvalidRequest for what no registry serves
     * @throws ContentUnknown for a registry or an endpoint that cannot be ours
     */
    static Parsed parse(String method, String path, @Nullable String query, @Nullable String namespaceHeader) {
        if (!METHODS.contains(method)) {
            throw new InvalidRequest(
                    InvalidRequest.Kind.UNSUPPORTED,
                    "the node cache only serves pulls (GET and HEAD); push and delete at the registry itself");
        }
        String decoded = decode(path);
        if (decoded.equals(ROOT) || decoded.equals(ROOT + "/")) {
            return new Parsed(new Route.Root(), Optional.empty());
        }
        int lastSlash = decoded.lastIndexOf('/');
        int kindSlash = decoded.lastIndexOf('/', lastSlash - 1);
        if (kindSlash <= ROOT.length() || !decoded.startsWith(ROOT + "/")) {
            throw noEndpoint();
        }
        Optional<String> namespace = namespace(query, namespaceHeader);
        String name = decoded.substring(ROOT.length() + 1, kindSlash);
        RepositoryKey key = namespace.isPresent() ? key(namespace.get(), name) : keyFromPath(name);
        String last = decoded.substring(lastSlash + 1);
        Route route =
                switch (decoded.substring(kindSlash + 1, lastSlash)) {
                    case "manifests" -> new Route.Manifest(key, Reference.parse(last));
                    case "blobs" -> new Route.Blob(key, Digest.parse(last));
                    case "referrers" -> new Route.Referrers(key, Digest.parse(last), withoutNamespace(query));
                    case "tags" -> {
                        if (!last.equals("list")) {
                            throw noEndpoint();
                        }
                        yield new Route.Tags(key, withoutNamespace(query));
                    }
                    default -> throw noEndpoint();
                };
        return new Parsed(route, namespace);
    }

    private static Optional<String> namespace(@Nullable String query, @Nullable String header) {
        Optional<String> inQuery = parameters(query).stream()
                .filter(parameter -> parameter.startsWith("ns="))
                .map(parameter -> decode(parameter.substring(3)))
                .filter(value -> !value.isEmpty())
                .findFirst();
        return inQuery.isPresent() ? inQuery : Optional.ofNullable(header).filter(value -> !value.isEmpty());
    }

    private static String withoutNamespace(@Nullable String query) {
        return parameters(query).stream()
                .filter(parameter -> !parameter.startsWith("ns="))
                .collect(Collectors.joining("&"));
    }

    private static List<String> parameters(@Nullable String query) {
        return query == null || query.isEmpty() ? List.of() : Arrays.asList(query.split("&", -1));
    }

    private static RepositoryKey keyFromPath(String name) {
        int slash = name.indexOf('/');
        if (slash < 0) {
            throw new ContentUnknown(
                    ContentUnknown.Kind.REGISTRY,
                    "no registry is named: give it as ?ns=, as OCI-Namespace, or as the first path segment, as in"
                            + " /v2/docker.io/library/nginx/…");
        }
        return key(name.substring(0, slash), name.substring(slash + 1));
    }

    private static RepositoryKey key(String registry, String name) {
        if (!RegistryHost.isValid(registry)) {
            throw new ContentUnknown(ContentUnknown.Kind.REGISTRY, "this node cache serves no such registry");
        }
        return new RepositoryKey(RegistryHost.parse(registry), new RepositoryName(name));
    }

    private static ContentUnknown noEndpoint() {
        return new ContentUnknown(
                ContentUnknown.Kind.REPOSITORY,
                "not an endpoint of the distribution specification: manifests, blobs, tags/list and referrers are served");
    }

    /** Percent-decoding once; what comes out is validated by the values made of it. */
    private static String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] out = new byte[text.length()];
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw new InvalidRequest(InvalidRequest.Kind.NAME, "a broken percent escape in the path");
                }
                out[length++] = (byte) (high * 16 + low);
                i += 2;
            } else {
                out[length++] = (byte) c;
            }
        }
        return new String(out, 0, length, StandardCharsets.UTF_8);
    }
}
