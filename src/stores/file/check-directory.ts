import { constants, type Stats } from 'node:fs'
import { lstat, opendir, realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { SessionKey } from '../../contract/key.ts'
import { asOneOf, asOptions } from '../../options/checks.ts'
import { leftoverOf, wrongContent, wrongFile } from './check-journal.ts'
import { isOnlyOurs } from './contents.ts'
import {
  isDraftName,
  isForeignInShard,
  isForeignName,
  isManifestName,
  isShardName,
  isTemporaryName,
  ORPHAN_MS,
} from './directory.ts'
import { doubtsAbout } from './file-systems.ts'
import { type DirectoryFinding, Findings, type Found, labelOf } from './findings.ts'
import { DEFAULT_DIRECTORY, pathOf } from './location.ts'
import { lookAtManifest } from './manifest.ts'
import { quietGround } from './node-ground.ts'
import { unsafeAncestors, wrongOwner, wrongRights } from './rights.ts'
import { isMissing, reasonOf } from './system-error.ts'

/** What `checkDirectory()` can be told. */
export interface CheckDirectoryOptions {
  /** What is promised for the directory: with `'disk'` a file system that can't keep that is found. Default: `'process'`. */
  durability?: 'process' | 'disk'
}

/**
 * Looks at everything in a session directory, and says what is wrong with it: rights and owners, the manifest, damaged
 * journals, foreign files, what the dead have left, the file system, directories above that others may write to. It
 * changes nothing, not even a time, and may run beside stores that are in use: a session that goes meanwhile is none.
 * Whether sessions have expired is no question of it.
 *
 * It reads every session's file, in passing; a million of them take minutes.
 *
 * @param directory a path or a `file:` URL, as for `fileStore()`. Default: `./.sessions`
 * @returns the worst first; nothing where all is well. It is for the user that runs it: run it as the application's
 *
 * Throws `StoreConfigError` (UNTORN_STORE_CONFIG) where `directory` can't be one, `InvalidOptionError`
 * (UNTORN_INVALID_OPTION); what the system does not let it look at
 * is a finding (`unreadable`).
 *
 * @example
 * for (const { severity, path, meaning, advice } of await checkDirectory('./.sessions')) {
 *   console.log(`${severity}: ${path}: ${meaning} ${advice}`)
 * }
 */
export async function checkDirectory(
  directory: string | URL = DEFAULT_DIRECTORY,
  options: CheckDirectoryOptions = {},
): Promise<DirectoryFinding[]> {
  const path = resolve(pathOf(directory))
  const { durability = 'process' } = asOptions(options, ['durability'])
  const findings = new Findings()
  const durable = asOneOf('durability', durability, ['process', 'disk']) === 'disk'
  await new Check(findings, durable).directory(path)
  return findings.list()
}

/** One check of one directory. */
class Check {
  readonly #findings: Findings
  readonly #durable: boolean
  #root = ''
  #othersMayEnter = false
  /** The manifest is another user's: to read it would leave a trace. */
  #foreignManifest = false

  constructor(findings: Findings, durable: boolean) {
    this.#findings = findings
    this.#durable = durable
  }

  async directory(path: string): Promise<void> {
    await this.#looking('.', undefined, async () => {
      const root = await realpath(path).catch((error: unknown) => {
        if (!isMissing(error)) throw error
      })
      if (root === undefined) return this.#found('.', undefined, missing(path))
      this.#root = root
      const status = await lstat(root)
      this.#othersMayEnter = (status.mode & ENTER) !== 0
      const wrong = wrongRights(root, status, root, () => isOnlyOurs(quietGround, root))
      if (wrong) this.#found('.', undefined, wrong)
      this.#surroundings(path)
      if (wrong?.code !== 'not-a-directory') await this.#contents()
    })
  }

  #surroundings(given: string): void {
    const fileSystem = quietGround.fileSystem(this.#root)
    const doubts = fileSystem && doubtsAbout(this.#root, fileSystem, this.#durable)
    if (doubts !== undefined) {
      const severity = fileSystem!.support === 'refused' ? 'error' : 'warning'
      const [meaning, advice] = inTwo(doubts)
      this.#found('.', undefined, { code: 'file-system', severity, meaning, advice })
    }
    for (const { path, meaning, advice } of unsafeAncestors(this.#root, quietGround.ancestors(given))) {
      this.#found(path, undefined, { code: 'unsafe-ancestor', meaning, advice })
    }
  }

  async #contents(): Promise<void> {
    const names: string[] = []
    for await (const { name } of await opendir(this.#root)) {
      names.push(name)
      if (isShardName(name)) await this.#looking(name, undefined, () => this.#shard(name))
      else await this.#looking('.', name, () => this.#besideShards(name))
    }
    if (this.#foreignManifest) return
    const manifest = lookAtManifest(quietGround, this.#root)
    if (typeof manifest !== 'boolean') this.#found('.', 'untorn.json', manifest)
    if (manifest === false) this.#found('.', 'untorn.json', noManifest(names))
  }

  async #besideShards(name: string): Promise<void> {
    if (isForeignName(name)) return this.#found('.', name, foreign(name))
    const path = `${this.#root}/${name}`
    if (isManifestName(name)) {
      const wrong = wrongOwner(path, await lstat(path), this.#root)
      if (wrong) this.#found('.', name, wrong)
      this.#foreignManifest = wrong !== undefined
    }
    if (isDraftName(name) && isOld(await lstat(path))) this.#found('.', name, DRAFT)
  }

  async #shard(shard: string): Promise<void> {
    const path = `${this.#root}/${shard}`
    const wrong = wrongRights(path, await lstat(path), this.#root)
    if (wrong) this.#found(shard, undefined, wrong)
    if (wrong?.code === 'not-a-directory') return
    for await (const { name } of await opendir(path)) {
      await this.#looking(shard, name, () => this.#inShard(shard, name))
    }
  }

  async #inShard(shard: string, name: string): Promise<void> {
    if (isForeignInShard(name)) return this.#found(shard, name, foreign(name))
    const path = `${this.#root}/${shard}/${name}`
    const status = await lstat(path)
    if (isTemporaryName(name)) {
      if (isOld(status)) this.#found(shard, name, leftoverOf('fold'))
      return
    }
    const wrong = wrongFile(path, this.#root, status, this.#othersMayEnter)
    for (const found of wrong) this.#found(shard, name, found)
    if (wrong.some(({ code }) => code === 'not-a-journal' || code === 'wrong-owner')) return
    for (const found of await wrongContent(path, `${shard}${name}` as SessionKey, Date.now()))
      this.#found(shard, name, found)
  }

  #found(folder: string, name: string | undefined, found: Found): void {
    this.#findings.add(folder, name, found)
  }

  /** What can't be looked at is found, too; what has gone since it was listed is not. */
  async #looking(folder: string, name: string | undefined, look: () => Promise<void>): Promise<void> {
    try {
      await look()
    } catch (error) {
      if (isMissing(error)) return
      const meaning = `It can't be looked at: ${reasonOf(error)}.`
      this.#found(folder, name, { code: 'unreadable', meaning, advice: 'Run this check again when it can.' })
    }
  }
}

const ENTER = constants.S_IXGRP | constants.S_IXOTH

const isOld = ({ mtimeMs }: Stats): boolean => Date.now() - mtimeMs > ORPHAN_MS

/** A message of two parts: its last sentence says what to do. */
function inTwo(message: string): [meaning: string, advice: string] {
  const at = message.indexOf('. ') + 1
  return [message.slice(0, at), message.slice(at + 1)]
}

const missing = (path: string): Found => ({
  code: 'missing',
  meaning: `There is no directory "${path}".`,
  advice:
    'Nothing: a start makes it. If there should be sessions, see whether the path is right, and its volume mounted.',
})

function noManifest(names: readonly string[]): Found {
  const code = 'no-manifest'
  if (names.some(isForeignName)) {
    return {
      code,
      severity: 'error',
      meaning:
        'There is no untorn.json, and there is something else than sessions: a start refuses the directory.',
      advice: 'See whether the path is right; if sessions are here, move away what is not theirs.',
    }
  }
  return names.some(isShardName)
    ? {
        code,
        meaning:
          'There are sessions and no untorn.json: something removes files here, and may sign visitors out.',
        advice: 'A start makes it again. Find out what cleans here, and keep it away from the directory.',
      }
    : {
        code,
        severity: 'note',
        meaning: 'There is no untorn.json: no store has been opened here yet.',
        advice: 'Nothing: a start makes it.',
      }
}

const foreign = (name: string): Found => ({
  code: 'foreign',
  meaning: `Nothing that untorn makes is called "${labelOf(name)}"; it is in nobody's way as long as there is an untorn.json.`,
  advice: 'Move it away, and see who puts files here.',
})

const DRAFT: Found = {
  code: 'leftover',
  meaning: 'A start was killed before it was over.',
  advice: 'Nothing: the next start removes it.',
}
