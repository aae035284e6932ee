package dev.larder.operator.cloud;

import com.google.auth.oauth2.GoogleCredentials;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Clock;
import java.util.Map;

/** Asks the cloud that an identity is of. */
public final class Clouds implements LoginSource {

    private final EcrLogins ecr;
    private final GoogleLogins google;
    private final AcrLogins acr;

    Clouds(EcrLogins ecr, GoogleLogins google, AcrLogins acr) {
        this.ecr = ecr;
        this.google = google;
        this.acr = acr;
    }

    /**
     * The real ones.
     *
     * @param environment the operator's variables
     */
    public static Clouds of(HttpClient http, Map<String, String> environment, Clock clock) {
        return new Clouds(
                new EcrLogins(environment),
                new GoogleLogins(GoogleCredentials::getApplicationDefault),
                new AcrLogins(http, environment, registry -> URI.create("https://" + registry), clock));
    }

    @Override
    public RegistryLogin obtain(CloudIdentity identity) throws CloudFailure, InterruptedException {
        return switch (identity) {
            case CloudIdentity.Ecr private_ -> ecr.ofRegion(private_);
            case CloudIdentity.EcrPublic public_ -> ecr.ofPublic(public_);
            case CloudIdentity.Google any -> google.of(any);
            case CloudIdentity.Acr one -> acr.of(one);
        };
    }
}
