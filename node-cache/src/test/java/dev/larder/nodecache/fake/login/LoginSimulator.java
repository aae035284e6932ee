package dev.larder.nodecache.fake.login;

import dev.larder.nodecache.fake.FakeImages;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;

/**
 * A registry with one repository open to everyone, one that needs its one account, and its way to log in. Tests point
 * whoever is to get past it at {@link #place()} through {@link Internet#proxies()}, change its mind with
 * {@link #accounts()} and {@link #tokens()}, and see what came with {@link #registryRequests()} and
 * {@link #tokenRequests()}.
 */
public final class LoginSimulator {

    /** In every password, so that a test can look for it where it must not be. */
    public static final String MARK = "pw-mark";

    static final String OPEN = "library/open";
    static final String CLOSED = "acme/closed";
    /** Of both images. */
    public static final String TAG = "v1";

    private final String name;
    private final Place place;
    private final Accounts accounts;
    private final Tokens tokens = new Tokens();
    private final FakeImages images = new FakeImages();
    private final Internet internet;
    private final Image openImage;
    private final Image closedImage;
    private volatile boolean registryFails;
    private volatile boolean tokenServerFails;
    private final AtomicBoolean canFail = new AtomicBoolean();

    LoginSimulator(String name, Place place, Login login, Internet internet) {
        this.name = name;
        this.place = place;
        this.accounts = new Accounts(login, place.stored(OPEN));
        this.internet = internet;
        this.openImage = images.push(place.stored(OPEN), TAG, 20_000, 1);
        this.closedImage = images.push(place.stored(CLOSED), TAG, 20_000, 2);
    }

    public Place place() {
        return place;
    }

    public Accounts accounts() {
        return accounts;
    }

    public Tokens tokens() {
        return tokens;
    }

    public FakeImages images() {
        return images;
    }

    public Internet internet() {
        return internet;
    }

    /** As an image name has it, without prefix. */
    public String openRepository() {
        return OPEN;
    }

    public String closedRepository() {
        return CLOSED;
    }

    public Image openImage() {
        return openImage;
    }

    public Image closedImage() {
        return closedImage;
    }

    /** The account's name with another password. */
    public Login wrongLogin() {
        return new Login(accounts.login().user(), MARK + "-wrong");
    }

    /** What came to the registry itself, tokens and storage left out. */
    public List<Asked> registryRequests() {
        return internet.asked(place.url().getHost()).stream()
                .filter(asked -> asked.path().startsWith("/v2/") && !isForRealm(asked))
                .toList();
    }

    public List<Asked> tokenRequests() {
        return internet.asked().stream().filter(this::isForRealm).toList();
    }

    private boolean isForRealm(Asked asked) {
        Optional<String> path = place.realm().map(realm -> realm.getHost() + realm.getPath());
        return path.isPresent() && path.get().equals(asked.host() + asked.path());
    }

    /** Whether the registry and its token server answer nothing but 503 from now on. */
    public void fail(boolean registry, boolean tokenServer) {
        registryFails = registry;
        tokenServerFails = tokenServer;
        if (canFail.compareAndSet(false, true)) {
            Set<String> hosts = new HashSet<>(Set.of(place.url().getHost()));
            place.realm().ifPresent(realm -> hosts.add(realm.getHost()));
            hosts.forEach(this::letFail);
        }
    }

    private void letFail(String host) {
        Site before = internet.at(host);
        internet.put(
                host,
                asked -> (isForRealm(asked) ? tokenServerFails : registryFails)
                        ? Reply.of(503, "text/plain", "down")
                        : before.answer(asked));
    }

    /** From now on the registry's challenges are other ones, each made from what it would have been. */
    public void rechallenge(Function<String, List<String>> change) {
        String host = place.url().getHost();
        Site before = internet.at(host);
        internet.put(host, asked -> {
            Reply reply = before.answer(asked);
            return reply.status() == 401 && !isForRealm(asked) ? reply.rechallenged(change) : reply;
        });
    }

    /** From now on the token server is another one, which may ask the one before. */
    public void changeTokenServer(UnaryOperator<Site> change) {
        String host = place.realm().orElseThrow().getHost();
        Site before = internet.at(host);
        Site after = change.apply(before);
        internet.put(host, asked -> isForRealm(asked) ? after.answer(asked) : before.answer(asked));
    }

    /** From now on the token server gives its tokens in another body. */
    public void answerTokensWith(UnaryOperator<String> body) {
        changeTokenServer(before -> asked -> {
            Reply reply = before.answer(asked);
            Matcher token = Tokens.FORM.matcher(new String(reply.body(), StandardCharsets.UTF_8));
            return reply.status() == 200 && token.find() ? Reply.json(200, body.apply(token.group())) : reply;
        });
    }

    /** Storage on a host of its own that the registry may send to. */
    StorageSite storage(Names host) {
        StorageSite storage = new StorageSite(host.url());
        internet.put(host.host(), storage);
        return storage;
    }

    @Override
    public String toString() {
        return name;
    }
}
