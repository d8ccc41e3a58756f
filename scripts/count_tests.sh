# Reads ctest's JUnit file. Sourced by scripts/test.
# shellcheck shell=bash

# count_tests FILE TITLE: sets tests_passed, tests_failed and tests_skipped; prints the failed ones with the end of their output, and the
# skipped ones with their reason. A test that could not be started (no such program, a fixture that failed) counts as failed,
# although ctest calls it "not run".
count_tests() {
  local report
  report=$(awk -v title="$2" '
    function decoded(s) {
      gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&quot;/, "\"", s); gsub(/&apos;/, "\x27", s); gsub(/&amp;/, "\\&", s)
      return s
    }
    function attribute(line, name,   rest) {
      if (!match(line, " " name "=\"[^\"]*\"")) return ""
      rest = substr(line, RSTART, RLENGTH)
      sub(/^[^"]*"/, "", rest); sub(/"$/, "", rest)
      return decoded(rest)
    }
    function reason(   i, lines, n) { # what a googletest says after "Skipped", else the last line of the output
      n = split(output, lines, "\n")
      for (i = 1; i < n; ++i) if (lines[i] ~ /: Skipped$/ && lines[i + 1] != "") return lines[i + 1]
      for (i = n; i > 0; --i) if (lines[i] ~ /[^ \t]/) return lines[i]
      return "gave no reason"
    }
    function show_failure(   i, lines, n) {
      print "\nFAILED " name " (" title ")"
      n = split(output, lines, "\n")
      for (i = n > 60 ? n - 60 : 1; i <= n; ++i) print "    " lines[i]
    }
    function finish() {
      if (status == "run") ++passed
      else if (status == "disabled" || (status == "notrun" && message ~ /^SKIP_/)) {
        ++skipped
        print "skipped " name ": " (status == "disabled" ? "disabled in its source" : reason())
      } else {
        ++failed
        if (output == "") output = message == "" ? "ended without output, or was killed by its time limit" : message
        show_failure()
      }
    }
    /<testcase / { name = attribute($0, "name"); status = attribute($0, "status"); message = output = ""; in_output = 0 }
    /<skipped message=/ { message = attribute($0, "message") }
    /<failure message=/ { message = attribute($0, "message") }
    /<system-out>/ { in_output = 1; sub(/^.*<system-out>/, "") }
    in_output {
      line = $0
      ended = sub(/<\/system-out>.*$/, "", line)
      output = output (output == "" ? "" : "\n") decoded(line)
      if (ended) in_output = 0
    }
    /<\/testcase>/ { if (!in_output) finish() }
    END { print passed + 0, failed + 0, skipped + 0 }
  ' "$1")
  read -r tests_passed tests_failed tests_skipped <<<"${report##*$'\n'}"
  if [[ $report = *$'\n'* ]]; then printf '%s\n' "${report%$'\n'*}"; fi
}
