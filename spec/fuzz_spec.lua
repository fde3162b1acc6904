-- The corpus of fuzz/views.c, replayed: programs of operations whose every result the plain model of
-- fuzz/plain.lua knows. And that the checker can fail: with an operation that is wrong, it says so.
package.path = "fuzz/?.lua;" .. package.path
local memview = require "memview"
local views = require "views"
local raises = require("helpers").raises

local folder = "fuzz/corpus/views"

--- The bytes of file number n; nil behind the last.
local function read(n)
  local file <close> = io.open(("%s/%d"):format(folder, n), "rb")
  return file and file:read "a"
end

local corpus = {}
for n = 1, math.huge do
  corpus[n] = read(n)
  if not corpus[n] then break end
end

--- What the checker says to the whole corpus, with functions in place of methods.
local function complaints(instead)
  local texts = {}
  for _, input in ipairs(corpus) do
    local ok, text = pcall(views.run, input, instead)
    if not ok then texts[#texts + 1] = text end
  end
  return texts
end

local function finds(instead, what)
  for _, text in ipairs(complaints(instead)) do
    if text:find(what, 1, true) then return end
  end
  error("no complaint with: " .. what)
end

describe("programs of view operations", function()
  it("of the corpus do what the model says", function()
    local operations = 0
    for n, input in ipairs(corpus) do
      local ok, done = pcall(views.run, input)
      assert(ok, ("%s/%d: %s"):format(folder, n, done))
      operations = operations + done
    end
    assert(#corpus >= 10 and operations > 20 * #corpus, "the corpus is too small")
  end)

  it("are printed as Lua code that runs", function()
    for n, input in ipairs(corpus) do
      local _, code = views.run(input)
      local program = assert(load("local memview = require 'memview'\n" .. code, "program " .. n))
      program()
    end
  end)
end)

describe("the checker of programs", function()
  it("finds a wrong result", function()
    finds({ count = function(v, ...) return v:count(...) + 1 end }, "result: got")
    finds({ ["#"] = function(v) return #v + 1 end }, "result: got")
  end)

  it("finds a view of other items, or of another kind", function()
    finds({ sub = function(v, i, j) return v:sub(i, j) end }, ": got")
    finds({ transpose = function(v) return v:toreadonly() end }, "readonly: got")
    finds({ clone = function(v) return v:sub() end }, "obj: got")
  end)

  it("finds bytes that are written beside the right ones", function()
    local function fill(v, ...)
      v:fill(...)
      memview.cast(v, "B")[1] = 17
      return v
    end
    finds({ fill = fill }, "o1: got")
  end)

  it("finds a call that raises and has written", function()
    local function copyfrom(v, ...)
      local ok, x = pcall(v.copyfrom, v, ...)
      if ok then return x end
      if not v.readonly then v:byteswap() end
      error(x, 0)
    end
    finds({ copyfrom = copyfrom }, ": got")
  end)

  it("finds an error that should have been, and one that should not", function()
    finds({ release = function() end }, "the model raises")
    finds({ view = function() error "none" end }, "raises")
    finds({ resize = function() error({}) end }, "error is a table")
  end)

  it("shows the program that led there", function()
    local text = complaints({ ["#"] = function() return -1 end })[1]
    raises("local memview = require \"memview\"", error, text)
    raises("result: got -1", error, text)
  end)
end)
