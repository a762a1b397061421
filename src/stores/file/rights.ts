import { constants } from 'node:fs'
import { dirname } from 'node:path'
import { StoreConfigError } from '../../errors.ts'
import type { FileStatus } from './files.ts'
import type { Ancestor } from './ground.ts'

/** Whose something is, and who may do what with it. */
type Rights = Pick<FileStatus, 'uid' | 'mode'>

/** What is wrong with the rights of something, and what to do about it. */
export interface WrongRights {
  readonly code: 'not-a-directory' | 'wrong-owner' | 'writable-by-others'
  readonly meaning: string
  readonly advice: string
}

const { S_IFMT, S_IFDIR, S_IFLNK, S_IWGRP, S_IWOTH } = constants

/** Nobody removes or renames in such a directory what is another user's; it is one that many share, as /tmp is. */
const STICKY = 0o1000

/** What is made in such a directory belongs to its group. */
const SET_GROUP = 0o2000

/** Sessions must not be in a directory where others could plant or replace files. Throws `StoreConfigError`. */
export function refuseUnsafe(path: string, status: Rights, root = path, isOnlyOurs?: () => boolean): void {
  const wrong = wrongRights(path, status, root, isOnlyOurs)
  if (wrong) throw new StoreConfigError(`${wrong.meaning} ${wrong.advice}`)
}

/**
 * What is wrong with the session directory, or with a shard in it.
 * @param root the session directory: what is wrong with one shard is seldom wrong with one alone
 * @param isOnlyOurs whether there is nothing in it but what is untorn's, as far as anybody can tell. Default: so it is
 */
export function wrongRights(
  path: string,
  status: Rights,
  root = path,
  isOnlyOurs = () => true,
): WrongRights | undefined {
  const { mode } = status
  if ((mode & S_IFMT) !== S_IFDIR) {
    return {
      code: 'not-a-directory',
      meaning: `"${path}" is not a directory.`,
      advice: 'Choose another path, or move it away.',
    }
  }
  const isShared = path === root && (mode & (STICKY | S_IWGRP | S_IWOTH)) !== 0
  const advice = isShared ? belowIt(path) : isOnlyOurs() ? adviceOnOwner(root) : OWN_DIRECTORY
  const wrong = wrongOwner(path, status, root, advice)
  if (wrong || (mode & (S_IWGRP | S_IWOTH)) === 0) return wrong
  return {
    code: 'writable-by-others',
    meaning: `Others may write to ${path === root ? 'the session directory ' : ''}"${path}", and could plant sessions.`,
    advice: adviceOnWriters(path, mode, root),
  }
}

/** What is wrong with the owner of something in the session directory, or of the directory itself. */
export function wrongOwner(
  path: string,
  { uid }: Pick<Rights, 'uid'>,
  root: string,
  advice = adviceOnOwner(root),
): WrongRights | undefined {
  const us = process.geteuid?.()
  if (us === undefined || uid === us) return undefined
  const what = path === root ? 'The session directory ' : ''
  return {
    code: 'wrong-owner',
    meaning: `${what}"${path}" belongs to user ${uid}, and this process runs as ${us}.`,
    advice,
  }
}

const OWN_DIRECTORY = 'Use a directory that belongs to this user, or a new one where this user may make it.'

const adviceOnOwner = (root: string): string =>
  'Run it as that user, choose another directory, or, if only sessions are in this one, change the owner: ' +
  `chown -R ${process.geteuid?.()} "${root}".`

function adviceOnWriters(path: string, mode: number, root: string): string {
  if (path === root && (mode & STICKY) !== 0) return belowIt(path)
  const command = `chmod -R go-w "${root}"`
  if ((mode & SET_GROUP) !== 0) {
    return (
      `Take that right away: ${command}. Kubernetes gives it to all that is on a volume with fsGroup, at each start of a ` +
      'pod, unless fsGroupChangePolicy is OnRootMismatch: set that, too.'
    )
  }
  const isVolume = path === root && (mode & S_IWOTH) !== 0
  return `Take that right away: ${command}.${isVolume ? ` Where others need it, as on a volume: ${belowIt(path)}` : ''}`
}

const belowIt = (path: string): string =>
  `Use a directory below it, which untorn makes for this user alone: "${path === '/' ? '' : path}/sessions".`

/**
 * Whoever may rename what is in a directory above puts another one in the place of the session directory.
 * @returns what to warn of, for each that others may do that in
 */
export function unsafeAncestors(
  root: string,
  ancestors: readonly Ancestor[],
): { path: string; meaning: string; advice: string }[] {
  const us = process.geteuid?.()
  if (us === undefined) return []
  return ancestors.flatMap(({ path, uid, mode }) => {
    const isForeign = uid !== us && uid !== 0
    if ((mode & S_IFMT) === S_IFLNK) {
      // Its own mode says nothing, and its owner can replace it where all may make what is their own.
      const within = ancestors.find((each) => each.path === dirname(path))
      if (!isForeign || !within || (within.mode & STICKY) === 0) return []
    } else if (!isForeign && ((mode & S_IWOTH) === 0 || (mode & STICKY) !== 0)) return []
    const who = isForeign
      ? `user ${uid}, to whom "${path}" belongs,`
      : `everybody, as all may write to "${path}",`
    return {
      path,
      meaning: `The session directory "${root}" can be replaced by ${who} and with it the sessions.`,
      advice: isForeign
        ? 'Put it below directories that belong to root or to this user.'
        : `Take that right away, or limit it to what is each one's own: chmod +t "${path}".`,
    }
  })
}
