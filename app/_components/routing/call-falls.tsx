import { Fragment } from 'react'
import { type Candidate, type Fall, fallsOf, folded, leftAfter, rules } from '../../_lib/falls.ts'
import { count } from '../../_lib/format.ts'
import { sentence } from '../../_lib/sentence.ts'
import { Glyph } from '../shared/glyph.tsx'
import { ScrollTable } from '../shared/scroll-table.tsx'

/** Each function deployment is a line that runs right until a rule stops it. */
export function CallFalls({ candidates }: { readonly candidates: readonly Candidate[] }) {
  const falls = fallsOf(candidates)
  const { lines, counted } = folded(falls)
  return (
    <ScrollTable label="Candidates">
      <table className="fall">
        <thead>
          <tr>
            <th scope="col">
              <b>{count(candidates.length)}</b> in all
            </th>
            {rules.map(({ title }, rule) => (
              <th key={title} scope="col">
                <b>{title}</b>
                {count(leftAfter(falls, rule))} left
              </th>
            ))}
            <th scope="col">
              <span className="sr-only">Verdict</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((fall) => (
            <Line key={`${fall.candidate.cluster.id} ${fall.candidate.url}`} fall={fall} />
          ))}
          {counted.map(
            (many, rule) =>
              many > 0 && (
                <tr key={rules[rule]?.title} className="many">
                  <th scope="row">{count(many)} more</th>
                  <Stopped stop={rule} why={`not ${rules[rule]?.title.toLowerCase()}`} />
                </tr>
              ),
          )}
        </tbody>
      </table>
    </ScrollTable>
  )
}

function Line({ fall: { candidate, stop, why } }: { readonly fall: Fall }) {
  const won = stop === rules.length
  return (
    <tr className={won ? 'won' : ''}>
      <th scope="row">
        <span className="mono">{candidate.cluster.name}</span>
        {candidate.url !== '' && <span className="at">{candidate.url.replace(/^https?:\/\//, '')}</span>}
      </th>
      {won ? (
        <>
          <Passed rules={stop} />
          <td className="end">gets calls</td>
        </>
      ) : (
        <Stopped stop={stop} why={sentence(why, candidate.cluster.name)} />
      )}
    </tr>
  )
}

const Passed = ({ rules: many }: { readonly rules: number }) =>
  rules.slice(0, many).map(({ title }) => <td key={title} className="go" />)

/** It passed the rules before; what it is stopped by goes on over those after. */
const Stopped = ({ stop, why }: { readonly stop: number; readonly why: string }) => (
  <Fragment>
    <Passed rules={stop} />
    <td className="stop" colSpan={rules.length + 1 - stop}>
      <Glyph name="fail" />
      {why}
    </td>
  </Fragment>
)
