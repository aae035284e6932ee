package dev.larder.nodecache.fake.login;

import java.net.URI;
import java.util.Optional;

/**
 * Where a simulated registry is.
 *
 * @param imageHost as it stands in image names
 * @param url for an upstream
 * @param pathPrefix before every repository; may be empty
 * @param realm its token server, if it has one
 */
public record Place(String imageHost, URI url, String pathPrefix, Optional<URI> realm) {

    static Place at(Names host) {
        return new Place(host.host(), URI.create(host.url()), "", Optional.empty());
    }

    Place called(String imageName) {
        return new Place(imageName, url, pathPrefix, realm);
    }

    Place below(String prefix) {
        return new Place(imageHost, url, prefix, realm);
    }

    Place withRealm(String address) {
        return new Place(imageHost, url, pathPrefix, Optional.of(URI.create(address)));
    }

    String stored(String repository) {
        return pathPrefix.isEmpty() ? repository : pathPrefix + "/" + repository;
    }
}
