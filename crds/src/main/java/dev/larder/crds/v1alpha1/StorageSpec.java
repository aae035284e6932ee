package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** Where on each node the content is kept, and how much of it. */
public record StorageSpec(
        @JsonPropertyDescription("""
                What the cache may keep on each node: bytes, or with Ki, Mi, Gi, Ti, k, M, G or T. The images used least \
                recently go first.""")
        @Default("20Gi")
        @Size(min = 1, max = 24)
        @ValidationRule(
                value = "self.matches('^[1-9][0-9]{0,14}(Ki|Mi|Gi|Ti|k|M|G|T)?$')",
                message = "size must be a whole number of bytes, or with Ki, Mi, Gi, Ti, k, M, G or T, such as 20Gi")
        @ValidationRule(
                value = "!self.matches('^[1-9][0-9]{0,14}(Ki|Mi|Gi|Ti|k|M|G|T)?$')"
                        + " || (quantity(self).compareTo(quantity('64Mi')) >= 0"
                        + " && quantity(self).compareTo(quantity('4096Ti')) <= 0)",
                message = "size must be at least 64Mi, since one layer is often larger than less, and at most 4096Ti")
        String size,

        @JsonPropertyDescription("""
                A folder on each node, made if need be. Changing it restarts the node caches, which begin empty there; the \
                old folder stays.""")
        @Default("/var/lib/larder")
        @Size(min = 2, max = 512)
        @ValidationRule(
                value = "self.matches('^(/[A-Za-z0-9._-]+)+$') && !self.matches('(^|/)[.][.]?(/|$)')",
                message =
                        "path must be an absolute path of letters, digits, '.', '_' and '-', without . or .. parts, such as"
                                + " /var/lib/larder")
        @ValidationRule(
                value =
                        "!self.matches('^/(proc|sys|dev|run|etc|boot|bin|sbin|lib|lib64|usr|var|opt|root|home|host|tmp)$')"
                                + " && !self.matches('^/(proc|sys|dev|etc|boot|bin|sbin|lib|lib64|usr)/')"
                                + " && !self.matches('^/run/larder(/|$)') && !self.matches('^/opt/larder(/|$)')",
                message =
                        "path must be a folder of its own on a data disk, such as /var/lib/larder: not a system folder, and"
                                + " not one the node cache uses itself")
        String path,

        @JsonPropertyDescription("""
                How much of the file system must stay free: a share of it such as 15%, or a size such as 5Gi. Whichever of \
                size and minFree bites first.""")
        @Default("15%")
        @Size(min = 1, max = 24)
        @ValidationRule(
                value = "self.matches('^([0-9]{1,2}%|[0-9]{1,15}|[0-9]{1,6}(Ki|Mi|Gi|Ti|k|M|G|T))$')",
                message = "minFree must be a share from 0% to 99%, or a size such as 5Gi")
        String minFree) {

    public static final StorageSpec DEFAULT = new StorageSpec("20Gi", "/var/lib/larder", "15%");

    public StorageSpec {
        size = size == null ? "20Gi" : size;
        path = path == null ? "/var/lib/larder" : path;
        minFree = minFree == null ? "15%" : minFree;
    }
}
