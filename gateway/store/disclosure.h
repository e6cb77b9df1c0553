// SPDX-License-Identifier: Apache-2.0
//
// disclosure: residual disclosure, or how a hidden number is kept from being computed.
//
// An additive relation is a parent and its parts: two or more cells of one measure and period whose
// codes are equal but for one dimension, where one of them is the sum of the others by the
// hierarchy of that dimension's codelist. A child that has no cell is stood for by its own
// children; one that has none either counts as nothing, because a row of zeros is often left out.
// Codes without a parent (NAT, CLOSED) are the sum of nothing and part of nothing.
//
// Where exactly one cell of a relation is hidden, anybody can compute it: so the smallest other
// cell that is not zero is hidden too, and so on over all dimensions until no relation has exactly
// one.
//
// Never does: judge what is hidden in the first place, or guarantee anything. The choice is greedy
// and looks at one relation at a time: hidden numbers may still follow from several relations
// together, from relations across two dimensions whose margins are not there, from what everybody
// knows, or be known within narrow bounds. The owner of the data remains responsible.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/lookup.h"

namespace focalpost {

/// The series among which relations hold. The result for a period depends only on the cells of the
/// series that hang together by relations, and on the order in which they were added: add all of
/// them, always in the same order, whatever part is wanted.
class AdditiveSeries {
 public:
  /// One table per dimension; null: not coded, no hierarchy. They must outlive this.
  explicit AdditiveSeries(std::vector<const CodeTable*> dimensions);

  /// A series by its code numbers, one per dimension; a negative number stands for a text that is
  /// not in the codelist, the same number for the same text. Returns 0, 1, 2, ...
  std::uint32_t add(std::span<const std::int32_t> codes);
  /// After the last add().
  void link();

  /// One number of one period.
  struct Cell {
    std::uint32_t series = 0;
    double value = 0;
    bool hidden = false;
    bool open = false;  ///< must not be hidden: whoever looks owns it
  };
  /// Hides more cells where relations ask for it. At most one cell of a series, in the order of
  /// series; cells without a number (missing, withdrawn) are left out by the caller.
  void protect(std::span<Cell> cells) const;

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  std::vector<const CodeTable*> dimensions_;
  std::vector<std::vector<std::int32_t>> parents_;  ///< [dimension][code], without circles
  std::vector<std::int32_t> codes_;                 ///< series x dimensions
  std::vector<std::uint32_t> above_;  ///< series x dimensions: the nearest series up the hierarchy
  std::size_t count_ = 0;
};

/// Parents by code number, kNoCode for those on or below a circle, which a codelist may have by
/// mistake.
std::vector<std::int32_t> parents_without_circles(const CodeTable& table);

}  // namespace focalpost
