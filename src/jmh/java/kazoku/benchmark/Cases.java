package kazoku.benchmark;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;

/** The cases that stand in {@code cases.csv}, which the Python peers read, too. */
final class Cases {
  private Cases() {}

  /**
   * Some of them.
   *
   * @param names what is found in their names; null for all, or those for trying
   */
  static List<Case> of(boolean quick, Pattern names) {
    CSVFormat form = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try (Reader in =
        new InputStreamReader(
            Cases.class.getResourceAsStream("cases.csv"), StandardCharsets.UTF_8)) {
      return form.parse(in).stream()
          .filter(
              line ->
                  names != null
                      ? names.matcher(line.get("name")).find()
                      : !quick || line.get("quick").equals("yes"))
          .map(line -> Case.of(line.get("name")))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
