import { createHash } from 'node:crypto'
import { ID_LENGTH, VOID_LENGTH, WRITE_LENGTH } from './writes.ts'

/** Of more writes in the time that one can come again, the latest are remembered. */
const MOST_WRITES = 64

/** Milliseconds for which a write is remembered after it is void: it may be tried again as one that becomes void later. */
const SLACK = 10_000

/** Each after a space. */
const WIDTH = 1 + WRITE_LENGTH

/** A script, and the name that the server keeps it under. */
export interface Script {
  readonly text: string
  readonly sha1: string
}

function script(text: string): Script {
  return { text, sha1: createHash('sha1').update(text).digest('hex') }
}

/**
 * What both begin with. KEYS[1] is the session's hash; ARGV[1] is this write, as it stands in the meta field, and ARGV[2]
 * the moment of the server's clock from which on it is void.
 */
const BEGIN = `
local key, write = KEYS[1], ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if write == '' then return {'late', now} end
local meta = redis.call('HGET', key, 'meta')
-- What the session was that has ended, for as long as what was sent before may come again.
local ended = not meta and redis.call('HGET', key, 'ended')
-- By its id alone: when it is void may have been said anew.
local function isRepeat(writes) return string.find(writes, ' ' .. string.sub(write, 1, ${ID_LENGTH}), 1, true) end
local isLate = now >= tonumber(ARGV[2])
-- Lua passes at most some 8000 arguments on.
local PART = 4000
local function part(from, to) return unpack(ARGV, from, math.min(from + PART - 1, to)) end
local function put(meta, from)
  redis.call('HSET', key, 'meta', meta, part(from, #ARGV))
  for at = from + PART, #ARGV, PART do redis.call('HSET', key, part(at, #ARGV)) end
end
`

/** Until when the latest of the writes in a meta field can come again. */
const LAST_VOID = `
local function lastVoid(meta)
  local last = 0
  for void in string.gmatch(string.match(meta, '^%S+ %S+ %S+ %S+(.*)$') or '', ' %S+(${'%w'.repeat(VOID_LENGTH)})') do
    last = math.max(last, (tonumber(void, 36) or 0) * 1000)
  end
  return last
end`

/**
 * ARGV[3]: the meta field up to the write. ARGV[4]: when it expires, for the server; then each other field and its text.
 *
 * What is left of a session that has ended makes room, and leaves its writes to the new record: one of them that comes again
 * is known there, and changes nothing. Where some of them may be missing, or the new record would not outlive them, the key
 * is taken until none can come any more.
 */
export const CREATE = script(`${BEGIN}${LAST_VOID}
if meta and isRepeat(meta) then return {'saved', now} end
if ended and isRepeat(ended) then return {'taken', now} end
if isLate then return {'late', now} end
local former = ended and string.match(ended, '^[12] %S+ %S+ %S+(.*)$')
local isAll = former and #former < ${MOST_WRITES * WIDTH} and not string.find(ended, '^1 0 0 0 ')
if isAll and tonumber(ARGV[4]) >= lastVoid(ended) then
  redis.call('DEL', key)
elseif redis.call('EXISTS', key) == 1 then
  return {'taken', now}
end
put(ARGV[3] .. ' ' .. write .. (former or ''), 5)
redis.call('PEXPIREAT', key, ARGV[4])
return {'saved', now}
`)

/**
 * ARGV[3]: the version it has to have, or ''. ARGV[4]: when it expires, as the record has it, or ''. ARGV[5]: the same for
 * the server. ARGV[6]: what is added to the version. ARGV[7]: how many fields to delete; then these, and each field to set
 * and its text.
 *
 * What fills the memory comes first: where the server refuses that, nothing has changed. The fields are read before the
 * expiry is set. One in the past ends the session: what it was stays under another field, and is no session, for as long as
 * a repeat may ask for it.
 */
export const SAVE = script(`${BEGIN}
if ended and string.find(ended, '^1 ') and isRepeat(ended) then
  local fields = redis.call('HGETALL', key)
  fields[#fields + 1], fields[#fields + 2] = 'meta', ended
  return {'saved', now, fields}
end
local version, created, expires, writes = string.match(meta or '', '^1 (%S+) (%S+) (%S+)(.*)$')
if not (tonumber(version) and tonumber(created) and tonumber(expires)) then return {isLate and 'late' or 'gone', now} end
if isRepeat(writes) then return {'saved', now, redis.call('HGETALL', key)} end
if isLate then return {'late', now} end
if ARGV[3] ~= '' and tonumber(ARGV[3]) ~= tonumber(version) then
  return {'conflict', now, redis.call('HGETALL', key)}
end
if ARGV[4] ~= '' then expires = ARGV[4] end
writes = string.sub(writes, 1, ${(MOST_WRITES - 1) * WIDTH})
while #writes > 0 and (tonumber(string.sub(writes, -${VOID_LENGTH}), 36) or 0) * 1000 + ${SLACK} <= now do
  writes = string.sub(writes, 1, -${WIDTH + 1})
end
local last = 7 + ARGV[7]
local made = table.concat({'1', string.format('%.0f', version + ARGV[6]), created, expires, write}, ' ') .. writes
put(made, last + 1)
for at = 8, last, PART do redis.call('HDEL', key, part(at, last)) end
local fields = redis.call('HGETALL', key)
if ARGV[5] ~= '' then
  if tonumber(ARGV[5]) > now then
    redis.call('PEXPIREAT', key, ARGV[5])
  else
    ${LAST_VOID}
    redis.call('HSET', key, 'ended', made)
    redis.call('HDEL', key, 'meta')
    redis.call('PEXPIREAT', key, string.format('%.0f', lastVoid(made)))
  end
end
return {'saved', now, fields}
`)

/**
 * A deletion is never too late. It leaves a mark for as long as what was sent before may come again, a creation above
 * all: with all writes that the record knew, by which a creation tells them from new ones. It begins with a 2, as it is no
 * record; a mark that begins with `1 0 0 0` is of an earlier release, and knows the deletion alone. DEL first: after it a
 * server whose memory is full takes the mark, too.
 */
export const DELETE = script(`${BEGIN}${LAST_VOID}
if (meta and isRepeat(meta)) or (ended and isRepeat(ended)) then return {'saved', now} end
if ended or redis.call('EXISTS', key) == 0 then return {'gone', now} end
redis.call('DEL', key)
local writes = string.match(meta or '', '^1 %S+ %S+ %S+(.*)$') or ''
local own = '2 0 0 0 ' .. write .. writes
redis.call('HSET', key, 'ended', own)
redis.call('PEXPIREAT', key, string.format('%.0f', lastVoid(own)))
return {'saved', now}
`)
