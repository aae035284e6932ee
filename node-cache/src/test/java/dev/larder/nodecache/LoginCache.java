package dev.larder.nodecache;

import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.login.Login;
import dev.larder.nodecache.fake.login.LoginSimulator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A node cache in front of one simulated registry, with the operator's login or without, and a client that pulls. */
final class LoginCache implements AutoCloseable {

    private static final Pattern CREDENTIALS = Pattern.compile("\"credentials\" : \"(\\w+)\"");
    /** Long enough for a machine that does much else. */
    static final String PATIENT = "timeouts: {connect: 10s, firstByteWarm: 5s, firstByteCold: 20s, idle: 10s}";

    private static final String HASTY = "timeouts: {connect: 2s, firstByteWarm: 1s, firstByteCold: 3s, idle: 2s}";

    private static final String WITH_LOGIN = ", credentialsFile: \"SECRET\"";

    private final LoginSimulator registry;
    private final TestCache cache;
    private final Path secret;

    private LoginCache(Path folder, LoginSimulator registry, String timeouts, String access, String keys, Clock clock) {
        this.registry = registry;
        this.secret = folder.resolve("secret");
        String upstream = "{url: \"%s\", pathPrefix: \"%s\", caFile: \"%s\"%s}"
                .formatted(
                        registry.place().url(),
                        registry.place().pathPrefix(),
                        registry.internet().caFile(),
                        keys.replace("SECRET", secret.toString()));
        String yaml = TestCache.yaml(folder, timeouts, "access: " + access)
                .replace("upstreams: []", "upstreams: [" + upstream + "]")
                .replace("host: " + TestCache.HOST, "host: " + registry.place().imageHost());
        this.cache = new TestCache(folder, yaml, clock, registry.internet().proxies());
    }

    /** As for a repository that needs no login: the client's own is passed on. */
    static LoginCache relay(Path folder, LoginSimulator registry) {
        return new LoginCache(folder, registry, PATIENT, "Relay", "", Clock.systemUTC());
    }

    /** Where clients show their login to the node cache, and tags are fresh for long. */
    static LoginCache exchange(Path folder, LoginSimulator registry, Clock clock) {
        String access = "Exchange\ntags: [{pattern: \"*\", freshFor: 48h}]";
        return new LoginCache(folder, registry, PATIENT, access, "", clock);
    }

    /** With the operator's login for everyone, as a docker config that a Secret holds. */
    static LoginCache shared(Path folder, LoginSimulator registry, Login login) {
        return shared(folder, registry, PATIENT, login, Clock.systemUTC());
    }

    static LoginCache shared(Path folder, LoginSimulator registry, Login login, Clock clock) {
        return shared(folder, registry, PATIENT, login, clock);
    }

    /** As shared, but gives an answer up after 3 s. */
    static LoginCache hasty(Path folder, LoginSimulator registry, Login login) {
        return shared(folder, registry, HASTY, login, Clock.systemUTC());
    }

    private static LoginCache shared(Path folder, LoginSimulator registry, String timeouts, Login login, Clock clock) {
        writeSecret(
                folder.resolve("secret"),
                login.dockerConfig(registry.place().url().getHost()));
        return new LoginCache(folder, registry, timeouts, "Shared", WITH_LOGIN, clock);
    }

    /** As shared, with a token server that may be shown the login wherever it is. */
    static LoginCache listing(Path folder, LoginSimulator registry, Login login, String tokenServer) {
        writeSecret(
                folder.resolve("secret"),
                login.dockerConfig(registry.place().url().getHost()));
        String keys = WITH_LOGIN + ", tokenServers: [\"" + tokenServer + "\"]";
        return new LoginCache(folder, registry, PATIENT, "Shared", keys, Clock.systemUTC());
    }

    /** Another content for the mounted Secret, put there as Kubernetes does: by a rename. */
    void secret(String dockerConfig) {
        writeSecret(secret, dockerConfig);
    }

    private static void writeSecret(Path place, String dockerConfig) {
        try {
            Files.createDirectories(place);
            Path next = Files.writeString(place.resolve("next"), dockerConfig);
            Files.move(next, place.resolve(".dockerconfigjson"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    TestCache cache() {
        return cache;
    }

    /** HEAD of the tag, then the manifest by digest. */
    List<HttpResponse<byte[]>> resolve(String repository, Image image, String... headers) throws Exception {
        return List.of(
                cache.head(path(repository, "manifests/" + LoginSimulator.TAG), headers),
                cache.get(path(repository, "manifests/" + image.manifest()), headers));
    }

    /** Config and layer. */
    List<HttpResponse<byte[]>> fetch(String repository, Image image, String... headers) throws Exception {
        return List.of(
                fetchConfig(repository, image, headers),
                cache.get(path(repository, "blobs/" + image.layer()), headers));
    }

    HttpResponse<byte[]> fetchConfig(String repository, Image image, String... headers) throws Exception {
        return cache.get(path(repository, "blobs/" + image.config()), headers);
    }

    /** All four. */
    List<HttpResponse<byte[]>> pull(String repository, Image image, String... headers) throws Exception {
        List<HttpResponse<byte[]>> answers = new ArrayList<>(resolve(repository, image, headers));
        answers.addAll(fetch(repository, image, headers));
        return answers;
    }

    List<HttpResponse<byte[]>> pullOpen(String... headers) throws Exception {
        return pull(registry.openRepository(), registry.openImage(), headers);
    }

    List<HttpResponse<byte[]>> pullClosed(String... headers) throws Exception {
        return pull(registry.closedRepository(), registry.closedImage(), headers);
    }

    private String path(String repository, String rest) {
        return "/v2/" + repository + "/" + rest + "?ns=" + registry.place().imageHost();
    }

    /** The different statuses of the answers. */
    static Set<Integer> statuses(List<HttpResponse<byte[]>> answers) {
        Set<Integer> statuses = new TreeSet<>();
        answers.forEach(answer -> statuses.add(answer.statusCode()));
        return statuses;
    }

    /** What {@code /status} says of the credentials. */
    @Nullable
    String credentials() throws Exception {
        var found = CREDENTIALS.matcher(cache.admin("/status"));
        return found.find() ? found.group(1) : null;
    }

    @Override
    public void close() {
        cache.close();
    }
}
