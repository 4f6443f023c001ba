// @ts-check
// A lock between processes: a file that exists while one of them works. The holder touches it, so that one whose holder
// was killed is known for what it is.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { endingSignal, say } from './run.mjs'

const touchMs = 5_000
const staleMs = 30_000
const pollMs = 200

const me = `${hostname()}\n${process.pid}\n`

/** @param {string} holder */
function isDead(holder) {
  const [host, pid] = holder.split('\n')
  if (host !== hostname() || !pid) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH'
  }
}

/** @param {string} file */
function take(file) {
  try {
    writeFileSync(file, me, { flag: 'wx' })
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    return false
  }
}

/**
 * Removes the lock of a holder that is no more; false when the holder lives.
 * @param {string} file
 */
function clearStale(file) {
  const aside = `${file}.${process.pid}`
  try {
    const holder = readFileSync(file, 'utf8')
    if (!isDead(holder) && Date.now() - statSync(file).mtimeMs < staleMs) return false
    renameSync(file, aside)
    // Between the look and the move another process may have done the same and taken the lock: then it gets it back.
    if (readFileSync(aside, 'utf8') !== holder) linkSync(aside, file)
  } catch {
    // given back meanwhile
  }
  rmSync(aside, { force: true })
  return true
}

/**
 * Does the work while no other process does work under the same file.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, work) {
  mkdirSync(path.dirname(file), { recursive: true })
  for (let told = false; !take(file); ) {
    if (clearStale(file)) continue
    if (!told) say(`waiting for another set-up that is under way (${file})`)
    told = true
    await delay(pollMs, undefined, { signal: endingSignal })
  }
  const touch = setInterval(() => utimesSync(file, new Date(), new Date()), touchMs)
  try {
    return await work()
  } finally {
    clearInterval(touch)
    rmSync(file, { force: true })
  }
}
