// SPDX-License-Identifier: Apache-2.0
//
// focalpost_generate: writes the data that the program is measured with (sample.h).
//
//   focalpost_generate FOLDER [--series N] [--months N] [--mails N] [--xsd OFFICIAL_FOLDER]
//
// FOLDER/asylum.xml and asylum.eml (the same in a mail); small/0000.eml ... with 60 observations
// each; with --xsd the schema asylum.xsd and driver.xsd, for
// `xmllint --noout --stream --schema driver.xsd asylum.xml`.
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>

#include "sample.h"

using namespace focalpost;

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  if (argc < 2) {
    std::cerr << "focalpost_generate FOLDER [--series N] [--months N] [--mails N] [--xsd FOLDER]\n";
    return 2;
  }
  fs::path folder = argv[1], official;
  bench::Size size;
  std::uint64_t mails = 0;
  for (int i = 2; i + 1 < argc; i += 2) {
    std::string_view option = argv[i];
    if (option == "--series")
      size.series = std::strtoull(argv[i + 1], nullptr, 10);
    else if (option == "--months")
      size.months = std::uint32_t(std::strtoul(argv[i + 1], nullptr, 10));
    else if (option == "--mails")
      mails = std::strtoull(argv[i + 1], nullptr, 10);
    else if (option == "--xsd")
      official = fs::absolute(argv[i + 1]);
    else {
      std::cerr << "what is " << option << "?\n";
      return 2;
    }
  }
  fs::create_directories(folder);
  auto network = bench::shipped_network();
  bench::Sample sample(bench::asylum(*network));
  std::string xml = sample.xml_text(size);
  std::ofstream(folder / "asylum.xml", std::ios::binary) << xml;
  bench::write_mail(folder / "asylum.eml", xml, "sample");
  if (mails > 0) fs::create_directories(folder / "small");
  for (std::uint64_t m = 0; m < mails; ++m)
    bench::write_mail(folder / "small" / fmt::format("{:04}.eml", m),
                      sample.xml_text({m * 5, 5, 12}), fmt::format("small.{}", m));
  if (!official.empty()) {
    std::ofstream(folder / "asylum.xsd") << sample.schema(official);
    std::ofstream(folder / "driver.xsd") << sample.driver_schema(official, "asylum.xsd");
  }
  std::cout << fmt::format("{}: {} series x {} months, {:.1f} MB of XML\n", folder.string(),
                           size.series, size.months, double(xml.size()) / 1e6);
}
