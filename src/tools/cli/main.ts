import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { runClearExpired } from './clear-expired-command.ts'
import { runCopy } from './copy-command.ts'
import { runCount } from './count-command.ts'
import { DONE, WRONG_USAGE } from './exit.ts'
import { runMove } from './move-command.ts'
import type { Io, PairOptions, StoreOptions } from './run.ts'
import { hide } from './secrets.ts'

/** Milliseconds: the default of the stores. */
const DEADLINE = 5000

const DESCRIPTION = `Counts the sessions of an application in a store of untorn, removes those that
have expired, and copies or moves all to another store: everybody stays signed
in.`

const STORES = `
A store is written as
  file:./.sessions                     a directory of fileStore()
  redis://[user:password@]host:6379    Redis or Valkey; rediss:// for TLS,
                                       /2 at the end for database 2
  redis+cluster://host:7000,host:7001  a cluster, by some of its nodes;
                                       rediss+cluster:// for TLS
  postgres://user[:password]@host/db   PostgreSQL
  env:SESSIONS_URL                     one of these, in an environment variable

Where the store does not keep its sessions where it does by default:
  redis://host:6379?prefix=shop:       what its keys begin with (untorn:)
  postgres://user@host/db?table=shop   its table (untorn_sessions)

Write a URL with a password as env:NAME: others on the machine can read what is
on a command line. Servers are reached with the drivers that the application has
installed (redis or ioredis, pg or postgres), so run this in its directory.`

const SOURCES = `
What others have stored is read from, and never touched:
  session-file-store:./sessions        ?ttl=3600&extension=.json
  connect-redis:redis://localhost      ?prefix=sess:
  connect-pg-simple:env:DATABASE_URL   ?table=session
  django:/var/lib/shop/sessions        ?cookie-name=sessionid&cookie-age=1209600
  php:/var/lib/php/sessions            ?handler=php&max-lifetime=1440
  php:2;/var/lib/php/sessions          where files are two directories deep

See docs/formats.md.`

const COPY = `Copies every session, and compares each with its copy at the end. The source
stays as it is.`

const ABOUT_COPY = `
It is a snapshot: what an application writes to the source behind it is not in
the target. Stop the application first; or stop it after a first run, and run it
again, which takes in what was changed since, but not who signed out. To change
stores while the application runs, see "untorn move --help".

It can be ended at any time (Ctrl-C). The same command goes on, as it does after
a failure: sessions that are in the target already are compared; older ones are
brought up to date, newer ones are kept.`

const MOVE = `Moves every session that is still in the source, while the application runs and
changes them.`

const ABOUT_MOVE = `
Every process of the application has to use moving({ from, to }) by now, with
the same two stores: see "From one store to another" in
docs/several-machines.md. When nothing is left in the source, restart them with
the target alone.

It can be ended at any time (Ctrl-C). The same command goes on.`

const CLEAR_EXPIRED = 'Removes the sessions that have expired.'

const ABOUT_CLEAR_EXPIRED = `
The stores sweep by themselves while an application runs. This is for those
that are told not to (sweepEvery: 0), and for cron:

  17 * * * * cd /srv/shop && npx untorn clear-expired --quiet --store file:...

Run it as the user that the application runs as, who owns the files. It may run
beside the application, and beside itself. Redis removes by itself what has
expired, so that there is nothing to do.

It can be ended at any time (Ctrl-C); what was removed by then is gone. Files
that could not be looked at are named, and the exit code is 1.`

const COUNT = 'Counts the sessions, by less than reading each.'

const ABOUT_COUNT = `
What has expired and was not removed yet may be counted, too.`

const CODES = `
Exit codes: 0 done; 1 failed, or something was left undone; 2 wrong usage;
130 ended with Ctrl-C.`

const EXAMPLES = `
Examples:
  npx untorn count --store file:./.sessions
  npx untorn clear-expired --store env:DATABASE_URL
  npx untorn copy --from file:./.sessions --to redis://localhost:6379
  npx untorn copy --from env:REDIS_URL --to env:DATABASE_URL --create-table
  npx untorn move --from file:./.sessions --to env:REDIS_URL`

/** Carries out a command line, without the names of program and script; resolves with the exit code. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  let code = DONE
  const program = programFor(io, async (running) => {
    code = await running
  })
  try {
    if (args.length === 0) {
      program.outputHelp({ error: true })
      return WRONG_USAGE
    }
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? DONE : WRONG_USAGE
  }
}

/** All commands; the one that is called is handed to `carryOut` as it runs. */
function programFor(io: Io, carryOut: (running: Promise<number>) => Promise<void>): Command {
  const program = new Command('untorn')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      outputError: (text, write) => write(unquoted(text)),
    })
    .description(DESCRIPTION)
    .version(io.version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', `${STORES}\n${EXAMPLES}\n${CODES}`)
  const count = program.command('count').summary('count the sessions').description(COUNT)
  ofOneStore(count)
    .addHelpText('after', `${ABOUT_COUNT}\n${STORES}\n${CODES}`)
    .action((options: StoreOptions) => carryOut(runCount(options, io)))
  const clear = program.command('clear-expired').summary('remove those that have expired')
  withProgress(ofOneStore(clear.description(CLEAR_EXPIRED)))
    .addHelpText('after', `${ABOUT_CLEAR_EXPIRED}\n${STORES}\n${CODES}`)
    .action((options: StoreOptions) => carryOut(runClearExpired(options, io)))
  const copy = program.command('copy').summary('copy all sessions, and compare').description(COPY)
  ofTwoStores(copy)
    .addHelpText('after', `${ABOUT_COPY}\n${STORES}\n${SOURCES}\n${CODES}`)
    .action((options: PairOptions) => carryOut(runCopy(options, io)))
  const move = program.command('move').summary('move all sessions while the application runs')
  ofTwoStores(move.description(MOVE))
    .addHelpText('after', `${ABOUT_MOVE}\n${STORES}\n${SOURCES}\n${CODES}`)
    .action((options: PairOptions) => carryOut(runMove(options, io)))
  return program
}

function ofOneStore(command: Command): Command {
  return withCommon(command.requiredOption('--store <store>', 'the store'))
}

function ofTwoStores(command: Command): Command {
  command
    .requiredOption('--from <store>', 'the store that sessions come from')
    .requiredOption('--to <store>', 'the store that they go to')
    .option('--create-table', 'make the table in PostgreSQL if the target has none')
    .addOption(
      new Option(
        '--secret <where>',
        'what sessions of Django are signed or those of session-file-store encrypted with: env:NAME or file:path; ' +
          'again for each former key of Django',
      ).argParser((text, before: string[] = []) => [...before, text]),
    )
    .option('--app <name>', 'the option `app` of the application that is to read them, if it has one')
    .addOption(
      new Option('--concurrency <number>', 'sessions worked on at the same time')
        .default(16)
        .argParser((text) => whole(text, 1)),
    )
  return withProgress(withCommon(command))
}

function withCommon(command: Command): Command {
  return command
    .addOption(
      new Option('--deadline <time>', 'how long a server may take for an answer, as 5s or 300ms')
        .default(DEADLINE, '5s')
        .argParser(time),
    )
    .option('--json', 'print the result as one line of JSON')
    .showHelpAfterError('(untorn --help says more)')
}

function withProgress(command: Command): Command {
  return command
    .option('--no-progress', 'do not show how far it is')
    .option('--quiet', 'print nothing but errors')
}

/** Milliseconds. A plain number is taken as such from a second on: who writes 5 means seconds. */
function time(text: string): number {
  const [, digits, unit] = /^(\d{1,7})(ms|s|)$/.exec(text) ?? []
  const number = Number(digits) * (unit === 's' ? 1000 : 1)
  if (digits === undefined || number === 0) {
    throw new InvalidArgumentError('A time such as 5s or 300ms is needed.')
  }
  if (unit === '' && number < 1000) throw new InvalidArgumentError(`Write ${digits}s, or ${digits}ms.`)
  return number
}

function whole(text: string, least: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number
  throw new InvalidArgumentError(`A whole number from ${least} on is needed.`)
}

/** What is quoted of a mistyped command line may be a URL with a password: no more than a name is left of it. */
function unquoted(text: string): string {
  return hide(text.replace(/'(--?[\w-]*)=[^\n]*'/g, "'$1'").replace(/'[^'\n]*:[^\n]*'/g, "'***'"))
}
