// The methods' names on the wire. Our messages have a protobuf package of their own, so that these do not follow from it.
#pragma once

namespace hbmux::bt::path {

inline constexpr char kReadRows[] = "/google.bigtable.v2.Bigtable/ReadRows";
inline constexpr char kSampleRowKeys[] = "/google.bigtable.v2.Bigtable/SampleRowKeys";
inline constexpr char kMutateRow[] = "/google.bigtable.v2.Bigtable/MutateRow";
inline constexpr char kMutateRows[] = "/google.bigtable.v2.Bigtable/MutateRows";
inline constexpr char kCheckAndMutateRow[] = "/google.bigtable.v2.Bigtable/CheckAndMutateRow";
inline constexpr char kReadModifyWriteRow[] = "/google.bigtable.v2.Bigtable/ReadModifyWriteRow";
inline constexpr char kPingAndWarm[] = "/google.bigtable.v2.Bigtable/PingAndWarm";

inline constexpr char kCreateTable[] = "/google.bigtable.admin.v2.BigtableTableAdmin/CreateTable";
inline constexpr char kListTables[] = "/google.bigtable.admin.v2.BigtableTableAdmin/ListTables";
inline constexpr char kGetTable[] = "/google.bigtable.admin.v2.BigtableTableAdmin/GetTable";
inline constexpr char kUpdateTable[] = "/google.bigtable.admin.v2.BigtableTableAdmin/UpdateTable";
inline constexpr char kDeleteTable[] = "/google.bigtable.admin.v2.BigtableTableAdmin/DeleteTable";
inline constexpr char kModifyColumnFamilies[] = "/google.bigtable.admin.v2.BigtableTableAdmin/ModifyColumnFamilies";
inline constexpr char kDropRowRange[] = "/google.bigtable.admin.v2.BigtableTableAdmin/DropRowRange";
inline constexpr char kGenerateConsistencyToken[] = "/google.bigtable.admin.v2.BigtableTableAdmin/GenerateConsistencyToken";
inline constexpr char kCheckConsistency[] = "/google.bigtable.admin.v2.BigtableTableAdmin/CheckConsistency";

}  // namespace hbmux::bt::path
