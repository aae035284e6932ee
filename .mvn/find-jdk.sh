#!/bin/sh
# Prints the home of a JDK 25 or newer, or says what to install. The default `java` of a machine may be older.
for home in "$JAVA_HOME" "$(command -v javac >/dev/null 2>&1 && dirname "$(dirname "$(readlink -f "$(command -v javac)")")")" \
    /usr/lib/jvm/* /opt/jdk* /opt/java/* "$HOME"/.sdkman/candidates/java/*; do
  [ -n "$home" ] && [ -x "$home/bin/javac" ] && [ -x "$home/bin/jlink" ] || continue
  major=$("$home/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
  if [ "${major:-0}" -ge 25 ]; then echo "$home"; exit 0; fi
done
echo "No JDK 25 or newer with javac and jlink was found. Install one (for example Temurin 25) or set JAVA_HOME to it." >&2
exit 1
