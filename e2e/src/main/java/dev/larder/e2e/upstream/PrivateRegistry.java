package dev.larder.e2e.upstream;

import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.process.Component;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A real registry that lets in only whom it knows, by passwords of its own or by the tokens of a {@link TokenServer}. Every
 * request is counted. Images get into it behind its back, through a second process over the same storage. It can be
 * stopped and started, and ends with its cluster; thread-safe.
 */
public final class PrivateRegistry {
    private static final Duration START = Duration.ofMinutes(3);
    private static final Duration GRACE = Duration.ofSeconds(3);

    private final NativeCluster cluster;
    private final Component process;
    private final DockerRegistry registry;
    private final DockerRegistry backDoor;
    private final RegistryFront front;
    private final URI url;
    private final CopyOnWriteArrayList<UpstreamRequest> log = new CopyOnWriteArrayList<>();
    private final HttpClient client = HttpClient.newHttpClient();

    private PrivateRegistry(NativeCluster cluster, int port, String auth) {
        this.cluster = cluster;
        Path program = cluster.tools().system().resolve("docker-registry");
        Path storage = cluster.folder().resolve("private-" + port);
        registry = DockerRegistry.closed(program, storage, cluster.controlPlaneAddress(), port, auth);
        int backDoorPort = cluster.newPort();
        backDoor = DockerRegistry.at(program, storage, cluster.controlPlaneAddress(), backDoorPort);
        process = component(registry, port);
        url = URI.create("http://" + cluster.hostAddress() + ":" + port);
        front = new RegistryFront(
                new InetSocketAddress(cluster.hostAddress(), port),
                Optional.empty(),
                registry.address(),
                log,
                new CopyOnWriteArrayList<>());
        Component pushes = component(backDoor, backDoorPort);
        pushes.start();
        Await.until("the start of " + pushes.name(), START, () -> backDoor.answers(client), pushes::logTail);
        ensureStarted();
    }

    private Component component(DockerRegistry which, int port) {
        return cluster.component("registry-" + port, which.line(), Map.of("OTEL_TRACES_EXPORTER", "none"));
    }

    /** One that knows one login and asks for it by Basic. */
    public static PrivateRegistry ofPassword(NativeCluster cluster, Login login) {
        int port = cluster.newPort();
        Path passwords = passwords(cluster, port);
        write(passwords, login);
        return new PrivateRegistry(cluster, port, "{htpasswd: {realm: private, path: " + passwords + "}}");
    }

    /** Of one made {@link #ofPassword}: this login is the one that it knows from now on. It reads its file anew. */
    public void admitOnly(Login login) {
        write(passwords(cluster, url.getPort()), login);
    }

    private static Path passwords(NativeCluster cluster, int port) {
        return cluster.folder().resolve("htpasswd-" + port);
    }

    private static void write(Path passwords, Login login) {
        try {
            Files.writeString(passwords, login.user() + ":" + bcrypt(login.password()) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One that takes the tokens of a token server. */
    public static PrivateRegistry ofTokens(NativeCluster cluster, TokenServer tokens) {
        return new PrivateRegistry(cluster, cluster.newPort(), tokens.auth());
    }

    /** The only kind of hash that the registry takes; every Debian has Perl, and its C library knows it. */
    private static String bcrypt(String password) {
        String salt = UUID.randomUUID().toString().replace("-", "").substring(0, 22);
        return Command.of("perl", "-e", "print crypt($ARGV[0], q($2b$05$).$ARGV[1])", password, salt)
                .run();
    }

    public void ensureStarted() {
        if (!process.running()) {
            process.start();
            Await.until("the start of " + process.name(), START, () -> registry.answers(client), process::logTail);
            front.open();
        }
    }

    /** Ends it: connections are refused, those under way are closed. */
    public void stop() {
        front.close();
        process.stop(GRACE);
    }

    /** Its host as image names have it. */
    public String host() {
        return url.getAuthority();
    }

    public URI url() {
        return url;
    }

    /** Where it takes pushes from who has the login; uncounted. */
    public URI pushUrl() {
        return registry.address();
    }

    /** What {@code repository:tag} stands for, whoever asks and whether it runs or not. */
    public String digest(String repositoryAndTag) {
        return backDoor.digest(client, repositoryAndTag);
    }

    /** The tags of a repository, whoever asks and whether it runs or not. */
    public Set<String> tags(String repository) {
        return backDoor.tags(client, repository);
    }

    /** Makes an image that nobody has pulled before and returns its name, host included. The push is not counted. */
    public String publish(String repositoryAndTag, long... layerBytes) {
        Path folder = cluster.folder().resolve("generated");
        GeneratedImage.push(backDoor.address(), cluster.tools().pause(), folder, repositoryAndTag, layerBytes);
        return host() + "/" + repositoryAndTag;
    }

    /** What has reached it since this was called last, or since its start. */
    public synchronized Traffic takeTraffic() {
        return Traffic.takenFrom(log);
    }
}
