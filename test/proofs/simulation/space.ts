import { CALM } from './explore.ts'
import type { Operation } from './operation.ts'
import { create, HOUR, KEY, LONG_TEXT, load, NOW, type Part, type Situation, save } from './scenarios.ts'

const end: Operation = { verb: 'delete', key: KEY }
const touch: Operation = { verb: 'save', key: KEY, expiresAt: NOW + 3 * HOUR }
const anew: Operation = { verb: 'create', key: KEY, set: { b: '2' }, expiresAt: NOW + 2 * HOUR }
const anewToo: Operation = { ...anew, set: { c: '3' } }
const knowing = (...now: Operation[]): Part => ({ before: [load()], now })

/** The first who comes to a session that somebody else has made. */
const FIRST = 2

/** Longer than a new session, and too short for a fold. */
const LONGER = JSON.stringify(''.padEnd(150, '.'))

const NO_SPACE = { ...CALM, noSpace: [FIRST] }
/** Somebody who sleeps until the expiry then has not slept for a minute. */
const SOON = NOW + HOUR - 30_000

const EXPIRES = { ...CALM, times: [NOW + HOUR] }

/** Where there is no space, where the clock is set back, and where another creator was killed. */
export const SPACE: Readonly<Record<string, Situation>> = {
  'a sign-out finds no space, and two save who have the file open': {
    journal: 'fresh',
    parts: [knowing(end), knowing(save('z', LONGER)), knowing(save('x', '1'))],
    chaos: NO_SPACE,
  },
  'a sign-out finds no space, and a fold is under way': {
    journal: 'long',
    parts: [knowing(end, load()), knowing(save('z', LONG_TEXT), load())],
    chaos: NO_SPACE,
  },
  'a sign-out finds no space in a journal that a dead process has sealed': {
    journal: 'long',
    parts: [knowing(end, load())],
    folder: { before: 'rename', fate: 'dies' },
    chaos: NO_SPACE,
  },
  'two sign-outs find no space': {
    journal: 'fresh',
    parts: [knowing(end, load()), knowing(end, load())],
    chaos: { ...CALM, noSpace: [FIRST, FIRST + 1] },
  },
  'a sign-out that finds no space is killed at any moment, and another process saves': {
    journal: 'fresh',
    parts: [knowing(end), knowing(save('z', LONG_TEXT), load())],
    chaos: { ...NO_SPACE, kills: 1 },
  },
  'a session expires where there is no space to end it, and another extends it that slept': {
    journal: 'fresh',
    parts: [knowing(load(), load()), knowing(touch, load())],
    chaos: { ...EXPIRES, noSpace: [FIRST] },
  },
  'a sweep finds no space to end what has just expired, and another extends it that slept': {
    journal: 'fresh',
    parts: [{ now: [{ verb: 'sweep' }] }, knowing(touch, load())],
    chaos: { ...EXPIRES, noSpace: [FIRST] },
  },
  'a sweep finds no space to end what has expired long ago, and others come by': {
    journal: 'fresh',
    parts: [{ now: [{ verb: 'sweep' }] }, knowing(touch, load())],
    chaos: NO_SPACE,
    at: NOW + HOUR + 61_000,
  },
  'a session expires in a journal that a dead process has sealed, and the clock is set back': {
    journal: 'long',
    parts: [knowing(load(), save('x', '1'))],
    folder: { before: 'rename', fate: 'dies' },
    chaos: { ...EXPIRES, back: NOW },
  },
  'a session expires while a living process folds its journal, and the clock is set back': {
    journal: 'long',
    parts: [knowing(load())],
    folder: { before: 'rename', fate: 'stops' },
    chaos: { ...EXPIRES, back: NOW },
  },
  'a creator is killed at any moment, and another one wants the same key': {
    journal: 'none',
    parts: [{ now: [create()] }, { now: [anew, load()] }],
    chaos: { ...CALM, kills: 1 },
  },
  'a session expires, and its key is wanted again while another extends it': {
    journal: 'fresh',
    parts: [{ now: [anew] }, knowing(touch)],
    chaos: EXPIRES,
    at: SOON,
  },
  'a session expires, and its key is wanted again while another deletes it': {
    journal: 'fresh',
    parts: [{ now: [anew] }, knowing(end)],
    chaos: EXPIRES,
    at: SOON,
  },
  'a session has expired, and two want its key': {
    journal: 'fresh',
    parts: [knowing(anew, load()), { now: [anewToo, load()] }],
    at: NOW + HOUR,
  },
  'a session has expired, and two want its key, of whom one is killed': {
    journal: 'fresh',
    parts: [knowing(anew), { now: [anewToo, load()] }],
    chaos: { ...CALM, kills: 1 },
    at: NOW + HOUR,
  },
  'a session has expired, and its key is wanted again while another loads it and saves to it': {
    journal: 'fresh',
    parts: [{ now: [anew, load()] }, knowing(load(), save('x', '1'))],
    at: NOW + HOUR,
  },
  'a session has expired in a journal that a dead process has sealed, and its key is wanted again': {
    journal: 'long',
    parts: [knowing(anew, load())],
    folder: { before: 'rename', fate: 'dies' },
    at: NOW + HOUR,
  },
  'a session is deleted, and its key is wanted again, by two': {
    journal: 'fresh',
    parts: [knowing(end, anew), { now: [anewToo] }],
  },
  'a session expires, and its key is wanted again while a sweep comes by': {
    journal: 'fresh',
    parts: [{ now: [anew] }, { now: [{ verb: 'sweep' }] }],
    chaos: EXPIRES,
    at: SOON,
  },
}

/** What takes half a minute. */
export const MORE_SPACE: Readonly<Record<string, Situation>> = {
  'three create the same session': {
    journal: 'none',
    parts: [{ now: [create()] }, { now: [create()] }, { now: [create()] }],
  },
}
