package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvLogTest {
  private static final Loss CLASSES = Loss.softmaxCrossEntropy();

  private static History fit(Model model, Epochs epochs) {
    return model.fit(Toys.labelled(40, 1), new Adam(0.01), CLASSES, epochs);
  }

  private static List<String> expected(History.Epoch epoch) {
    List<String> values = new ArrayList<>(List.of(Integer.toString(epoch.number())));
    values.add(Double.toString(epoch.learningRate()));
    epoch.training().values().values().forEach(v -> values.add(Double.toString(v)));
    if (epoch.validation() != null) {
      epoch.validation().values().values().forEach(v -> values.add(Double.toString(v)));
    }
    return values;
  }

  private static void assertIs(Path file, History history) throws IOException {
    String[] lines = Files.readString(file).split("\r\n", -1);
    assertThat(lines).as("a header, the epochs, nothing").hasSize(history.epochs().size() + 2);
    assertThat(lines[lines.length - 1]).isEmpty();
    for (History.Epoch epoch : history.epochs()) {
      List<String> values = new ArrayList<>(Arrays.asList(lines[epoch.number()].split(",")));
      assertThat(Double.parseDouble(values.remove(1))).isBetween(0.0, 60.0);
      assertThat(values).isEqualTo(expected(epoch));
    }
  }

  @Test
  void hasEveryEpochToTheLastDigit(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("new").resolve("training.csv");
    List<Integer> lines = new ArrayList<>();
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try (Model model = Model.of(Toys.classifier(), 42)) {
      History history =
          fit(
              model,
              Toys.epochs(3)
                  .validation(Toys.labelled(20, 2))
                  .metrics(Metric.precision(1))
                  .with(CsvLog.to(file), training -> lines.add(lines(file).size())));
      assertIs(file, history);
      assertThat(lines(file).get(0))
          .isEqualTo(
              "epoch,seconds,learning rate,training loss,training accuracy,"
                  + "training precision of class 1,"
                  + "validation loss,validation accuracy,validation precision of class 1");
    } finally {
      Locale.setDefault(before);
    }
    assertThat(lines).as("readable while training runs").containsExactly(2, 3, 4);
    assertThat(file.getParent().toFile().list()).containsExactly("training.csv");
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aNewTrainingBeginsTheFileAnew(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("training.csv");
    CsvLog log = CsvLog.to(file);
    try (Model model = Model.of(Toys.classifier(), 42)) {
      fit(model, Toys.epochs(4).validation(Toys.labelled(20, 2)).with(log));
      assertIs(file, fit(model, Toys.epochs(2).with(log)));
      assertThat(lines(file).get(0))
          .isEqualTo("epoch,seconds,learning rate,training loss,training accuracy");
    }
  }

  @Test
  void aResumedTrainingGoesOnInTheFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("training.csv");
    IntFunction<Epochs> epochs =
        count ->
            Toys.epochs(count)
                .validation(Toys.labelled(20, 2))
                .checkpoints(Checkpoints.in(folder.resolve("checkpoints")).resume());
    try (Model model = Model.of(Toys.classifier(), 42)) {
      fit(model, epochs.apply(3).with(CsvLog.to(file)));
    }
    List<String> before = lines(file);
    String lost = "4,0.5,0.01,0.1,0.9,0.1,0.9\r\n5,0.5,0.01,0.1";
    Files.writeString(file, lost, StandardOpenOption.APPEND);
    try (Model model = Model.of(Toys.classifier(), 42)) {
      assertIs(file, fit(model, epochs.apply(6).with(CsvLog.to(file))));
    }
    assertThat(lines(file).subList(0, 4)).isEqualTo(before);

    Path late = folder.resolve("late.csv");
    try (Model model = Model.of(Toys.classifier(), 42)) {
      History history = fit(model, epochs.apply(7).with(CsvLog.to(late)));
      assertThat(lines(late)).hasSize(8);
      assertThat(lines(late).get(1))
          .as("an epoch before the file was there")
          .startsWith("1,,")
          .endsWith("," + history.epochs().get(0).validation().metric());
    }
  }

  @Test
  void whatIsNoLogIsNotOverwritten(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("data.csv");
    Files.writeString(file, "a,b,c,d\n1,2,3,4\n");
    try (Model model = Model.of(Toys.classifier(), 42)) {
      assertThatThrownBy(() -> fit(model, Toys.epochs(1).with(CsvLog.to(file))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "CsvLog: "
                  + file
                  + " is there already and must begin with the columns [epoch, seconds, learning"
                  + " rate]; choose another file, got [a, b, c, d]");
      assertThat(file).hasContent("a,b,c,d\n1,2,3,4\n");
      Path below = file.resolve("training.csv");
      assertThatThrownBy(() -> fit(model, Toys.epochs(1).with(CsvLog.to(below))))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage("CsvLog: cannot write " + below);
      Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, '\n'});
      assertThatThrownBy(() -> fit(model, Toys.epochs(1).with(CsvLog.to(file))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("CsvLog: " + file + " is there already and is no log; choose another file");
    }
  }
}
