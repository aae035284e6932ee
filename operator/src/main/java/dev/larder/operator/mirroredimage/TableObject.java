package dev.larder.operator.mirroredimage;

import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.List;
import java.util.Map;

/** A ConfigMap whose files the node caches read. */
interface TableObject {

    /** Of the ConfigMap. */
    String name();

    Writing writing();

    Rendered render();

    /**
     * What is to be in it.
     *
     * @param files by name; empty when there is to be no ConfigMap
     * @param revision as the node caches report it
     * @param contents a short name for what each part is in it, without those that do not fit
     */
    record Rendered(
            Map<String, String> files, List<OwnerReference> owners, String revision, Map<String, String> contents) {
        public Rendered {
            files = Map.copyOf(files);
            owners = List.copyOf(owners);
            contents = Map.copyOf(contents);
        }
    }
}
