package dev.larder.helm;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The chart of this module, rendered by Helm into the namespace of the documentation. */
final class Chart {
    static final Path FOLDER = Path.of("larder");
    static final String NAMESPACE = "larder-system";

    private static final Pattern COMMA = Pattern.compile(",");

    private Chart() {}

    static Helm helm() {
        return new Helm(FOLDER);
    }

    /** The rendered text, each value given as {@code key=value} of {@code --set}. */
    static String text(String... values) {
        return textIn(NAMESPACE, values);
    }

    /** Helm on its own believes in a very old Kubernetes. */
    static TemplateCommand template(String namespace) {
        return helm().template().withName("larder").withNamespace(namespace).withKubeVersion("1.34.0");
    }

    static String textIn(String namespace, String... values) {
        TemplateCommand command = template(namespace);
        for (String value : values) {
            int equals = value.indexOf('=');
            command.set(value.substring(0, equals), value.substring(equals + 1));
        }
        return command.call();
    }

    /** Several values separated by commas. */
    static String[] values(String list) {
        return COMMA.splitAsStream(list).toArray(String[]::new);
    }

    static List<Map<String, Object>> objects(String... values) {
        return Yaml.documents(text(values));
    }

    /** The only object of a kind with a name. */
    static Map<String, Object> object(String kind, String name, String... values) {
        return one(objects(values), kind, name);
    }

    static Map<String, Object> one(List<Map<String, Object>> objects, String kind, String name) {
        List<Map<String, Object>> found = objects.stream()
                .filter(object -> kind.equals(object.get("kind")) && name.equals(Yaml.at(object, "metadata.name")))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError(
                    found.size() + " objects are a " + kind + " called " + name + " in " + names(objects));
        }
        return found.getFirst();
    }

    static List<String> names(List<Map<String, Object>> objects) {
        return objects.stream()
                .map(object -> object.get("kind") + "/" + Yaml.at(object, "metadata.name"))
                .toList();
    }
}
