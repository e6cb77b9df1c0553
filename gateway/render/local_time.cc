// SPDX-License-Identifier: Apache-2.0
#include "render/local_time.h"

#include <unicode/basictz.h>
#include <unicode/timezone.h>

namespace focalpost {
namespace {

constexpr double kDayMillis = 86'400'000.0, kHourMillis = 3'600'000.0;

icu::UnicodeString zone_id(std::string_view zone) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(zone.data(), static_cast<int>(zone.size())));
}

}  // namespace

struct LocalTime::Zone {
  std::unique_ptr<icu::TimeZone> zone;
};

LocalTime::LocalTime(std::string_view zone) : zone_(std::make_unique<Zone>()) {
  // An unknown zone is ICU's "Etc/Unknown", which behaves as UTC.
  zone_->zone.reset(icu::TimeZone::createTimeZone(zone_id(zone)));
}
LocalTime::LocalTime(LocalTime&&) noexcept = default;
LocalTime::~LocalTime() = default;

LocalMoment LocalTime::shown(Time moment) const {
  std::int32_t raw = 0, saving = 0;
  UErrorCode status = U_ZERO_ERROR;
  zone_->zone->getOffset(static_cast<UDate>(to_millis(moment)), false, raw, saving, status);
  if (U_FAILURE(status)) raw = saving = 0;
  const Time local = moment + std::chrono::milliseconds(raw + saving);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  return {day.time_since_epoch().count(),
          static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(local - day).count())};
}

LocalMoment local_time(Time moment, std::string_view zone) {
  return LocalTime(zone).shown(moment);
}

Time LocalTime::at(std::int64_t day, int hour) const {
  const double local = static_cast<double>(day) * kDayMillis + hour * kHourMillis;
  std::int32_t raw = 0, saving = 0;
  UErrorCode status = U_ZERO_ERROR;
  if (auto* basic = dynamic_cast<icu::BasicTimeZone*>(zone_->zone.get()))
    // Before the change: a moment that the clock leaves out comes out as late as it is left out.
    basic->getOffsetFromLocal(local, UCAL_TZ_LOCAL_FORMER, UCAL_TZ_LOCAL_FORMER, raw, saving,
                              status);
  else
    zone_->zone->getOffset(local, true, raw, saving, status);
  if (U_FAILURE(status)) raw = saving = 0;
  return from_millis(static_cast<std::int64_t>(local) - raw - saving);
}

bool is_zone(std::string_view zone) {
  const std::unique_ptr<icu::TimeZone> found(icu::TimeZone::createTimeZone(zone_id(zone)));
  icu::UnicodeString id;
  return found && found->getID(id) != icu::UnicodeString::fromUTF8("Etc/Unknown");
}

}  // namespace focalpost
