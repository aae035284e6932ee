package dev.larder.nodecache.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.Accept;
import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Listing;
import dev.larder.nodecache.source.ListingRequest;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.NotFound;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an upstream says now, past all that is remembered here, but by the same source: with its credentials, within its
 * rate budget, and not while its breaker is open. Asked with nobody's credentials, so what is found is for everyone.
 */
public final class UpstreamQuestions {

    /** More than any repository that people choose tags from by hand. */
    public static final int MAX_TAGS = 20_000;

    private static final int MAX_PAGES = 100;
    private static final String FIRST_PAGE = "n=1000";
    private static final JsonFactory JSON = new JsonFactory();
    private static final Pattern NEXT = Pattern.compile("<[^<>?]*\\?([^<>]*)>\\s*;\\s*rel=\"?next\"?");

    private final RegistryDirectory directory;

    public UpstreamQuestions(RegistryDirectory directory) {
        this.directory = directory;
    }

    /**
     * All tags of a repository, page by page.
     *
     * @throws CacheException when the upstream does not say, or not within the deadline
     */
    public List<String> tags(RepositoryKey key, Deadline deadline) throws InterruptedException {
        CachedRegistry registry = registry(key);
        Set<String> tags = new LinkedHashSet<>();
        Optional<String> query = Optional.of(FIRST_PAGE);
        for (int page = 0; query.isPresent(); page++) {
            if (page == MAX_PAGES || tags.size() > MAX_TAGS) {
                throw malformed(key, "has more than " + MAX_TAGS + " tags or " + MAX_PAGES + " pages of them");
            }
            Listing listing = found(
                    key,
                    registry.source()
                            .list(
                                    new ListingRequest.Tags(key.repository(), query.get()),
                                    Caller.ANONYMOUS,
                                    deadline.orIn(registry.policy().firstByteCold())));
            if (!tags.addAll(names(key, listing))) {
                break; // some always name a next page
            }
            query = Optional.ofNullable(listing.headers().get("Link")).flatMap(UpstreamQuestions::next);
        }
        return List.copyOf(tags);
    }

    /** Which manifest the reference stands for. @throws CacheException when the upstream does not say */
    public Descriptor manifest(RepositoryKey key, Reference reference, Deadline deadline) throws InterruptedException {
        CachedRegistry registry = registry(key);
        return found(
                key,
                registry.source()
                        .headManifest(
                                key.repository(),
                                reference,
                                Accept.of(""),
                                Caller.ANONYMOUS,
                                deadline.orIn(registry.policy().firstByteCold())));
    }

    /** The first page of what refers to a manifest, as it comes. @throws CacheException when the upstream does not say */
    public byte[] referrers(RepositoryKey key, Digest subject, Deadline deadline) throws InterruptedException {
        CachedRegistry registry = registry(key);
        return found(
                        key,
                        registry.source()
                                .list(
                                        new ListingRequest.Referrers(key.repository(), subject, ""),
                                        Caller.ANONYMOUS,
                                        deadline.orIn(registry.policy().firstByteCold())))
                .bytes();
    }

    private CachedRegistry registry(RepositoryKey key) {
        return directory
                .find(key.registry())
                .filter(registry -> registry.serves(key.repository()))
                .orElseThrow(() ->
                        new ContentUnknown(ContentUnknown.Kind.REGISTRY, "this node cache does not serve " + key));
    }

    private static <T> T found(RepositoryKey key, SourceResult<T> result) {
        return switch (result) {
            case Found<T>(T value, var _) -> value;
            case NotFound<T>(String message) ->
                throw new ContentUnknown(ContentUnknown.Kind.MANIFEST, key + ": " + message);
            case Unavailable<T>(UpstreamFailure failure) -> throw failure;
        };
    }

    /** The query of the page that a Link header names as the next (RFC 8288). */
    static Optional<String> next(String link) {
        Matcher matcher = NEXT.matcher(link);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    static List<String> names(RepositoryKey key, Listing listing) {
        List<String> names = new ArrayList<>();
        try (JsonParser json = JSON.createParser(listing.bytes())) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw malformed(key, "answers with a tag list that is no JSON object");
            }
            for (@Nullable String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                JsonToken value = json.nextToken();
                if (!field.equals("tags") || value != JsonToken.START_ARRAY) {
                    json.skipChildren();
                    continue;
                }
                while (json.nextToken() == JsonToken.VALUE_STRING) {
                    names.add(json.getText());
                }
            }
        } catch (IOException e) {
            throw malformed(key, "answers with a tag list that is not JSON");
        }
        return names;
    }

    private static UpstreamFailure malformed(RepositoryKey key, String what) {
        return new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED, key.registry().value(), key + " " + what);
    }
}
