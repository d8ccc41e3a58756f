// Files of records, cut and damaged at every byte.
#include "mini/disk/record_file.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace hbmux::mini {
namespace {

class RecordFileTest : public testing::Test {
 protected:
  RecordFileTest() {
    std::filesystem::create_directories(directory_);
    std::filesystem::remove(path_);
  }
  ~RecordFileTest() override { std::filesystem::remove_all(directory_); }

  void write(const std::vector<std::string>& records) {
    auto writer = RecordWriter::open(path_).value();
    for (const auto& record : records) writer.append(record);
    EXPECT_TRUE(writer.commit(true));
  }
  Result<void> read(bool cut_last = true) {
    records_.clear();
    return read_records(path_, cut_last, [this](std::string_view record) {
      records_.emplace_back(record);
      return std::string();
    });
  }
  std::string bytes() const {
    std::ostringstream out;
    out << std::ifstream(path_, std::ios::binary).rdbuf();
    return out.str();
  }
  void set_bytes(std::string_view bytes) { std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes; }

  const std::string directory_ = testing::TempDir() + "hbmux-records-" + std::to_string(::getpid());
  const std::string path_ = directory_ + "/log-0";
  std::vector<std::string> records_;
};

const std::vector<std::string> kRecords{"one", "", std::string(1000, 'x') + '\0', "four\nfour"};

TEST_F(RecordFileTest, GivesBackWhatWasAppendedAlsoInSeveralGoes) {
  write({kRecords[0], kRecords[1]});
  write({kRecords[2], kRecords[3]});
  ASSERT_TRUE(read(false));
  EXPECT_EQ(records_, kRecords);
  set_bytes("");
  ASSERT_TRUE(read(false));
  EXPECT_TRUE(records_.empty());
}

TEST_F(RecordFileTest, CutAtEveryByteOfItsLastRecord) {
  write(kRecords);
  const std::string all = bytes();
  const std::size_t last = all.size() - 12 - kRecords.back().size();
  for (std::size_t size = last; size < all.size(); ++size) {
    set_bytes(std::string_view(all).substr(0, size));
    if (size > last) EXPECT_FALSE(read(false)) << size;
    ASSERT_TRUE(read()) << size;
    EXPECT_EQ(records_, std::vector<std::string>(kRecords.begin(), kRecords.end() - 1)) << size;
    EXPECT_EQ(bytes().size(), last) << "what was cut is gone, and the next record follows the last whole one";
    write({"next"});
    ASSERT_TRUE(read(false));
    EXPECT_EQ(records_.back(), "next");
    EXPECT_EQ(records_.size(), 4u);
  }
}

TEST_F(RecordFileTest, DamageBeforeTheLastRecordIsAnErrorAtEveryByte) {
  write(kRecords);
  const std::string all = bytes();
  const std::size_t last = all.size() - 12 - kRecords.back().size();
  for (std::size_t at = 0; at < last; ++at) {
    std::string damaged = all;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    set_bytes(damaged);
    const auto done = read();
    ASSERT_FALSE(done) << at;
    EXPECT_EQ(done.error().code(), Errc::invalid_argument);
    EXPECT_NE(done.error().message().find("is damaged at byte"), std::string::npos) << done.error();
    EXPECT_EQ(bytes(), damaged) << "nothing is changed";
  }
}

TEST_F(RecordFileTest, AFileThatIsNotThereIsAnError) { EXPECT_FALSE(read()); }

}  // namespace
}  // namespace hbmux::mini
