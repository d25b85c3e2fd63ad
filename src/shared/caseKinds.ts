/** @file Templates for kinds of case: what there is to do, and what is written first. Four are built in; a workspace adds its own. */

export type CaseTemplate = {
  id: string;
  name: string;
  tags: string[];
  tasks: string[];
  /** The first note, in Markdown; empty: none. */
  note: string;
};

export const builtInTemplates: readonly CaseTemplate[] = [
  {
    id: 'brute-force',
    name: 'Brute force',
    tags: ['brute-force'],
    tasks: [
      'List the accounts and addresses that were tried, with the first and last attempt',
      'Find out whether any attempt succeeded',
      'Look at what each account that was entered did afterwards',
      'Block the addresses, or say why not',
      'Reset the passwords and end the sessions of the accounts that were entered',
      'Check that lock-out and multi-factor sign-in cover the service',
    ],
    note: '## What was tried\n\n- Service: \n- Accounts: \n- Addresses: \n\n## Did it succeed\n\n## What was done\n',
  },
  {
    id: 'malware',
    name: 'Malware',
    tags: ['malware'],
    tasks: [
      'Isolate the host, or say why not',
      'Keep memory and disk, or the files in question, before anything is cleaned',
      'Record hashes and paths of the files',
      'Find how it came in',
      'Find persistence: services, tasks, keys that start it again',
      'Look for the same hashes, names and addresses on other hosts',
      'Clean or set up the host anew, and change the secrets that were on it',
    ],
    note: '## Host and user\n\n## Files\n\n| path | SHA-256 | seen |\n| --- | --- | --- |\n|  |  |  |\n\n## How it came in\n\n## Persistence\n',
  },
  {
    id: 'data-theft',
    name: 'Data theft',
    tags: ['data-theft'],
    tasks: [
      'Name the data: what it is, whose, how sensitive',
      'Find the account, host and way by which it left',
      'Bound the period and the amount',
      'Close the way out',
      'Keep the logs of proxies, mail and storage for the period',
      'Ask whether somebody must be told, and by when',
    ],
    note: '## Which data\n\n## How it left\n\n- Account: \n- Host: \n- To: \n- From, until: \n- Amount: \n\n## Who must be told, by when\n',
  },
  {
    id: 'insider',
    name: 'Insider',
    tags: ['insider'],
    tasks: [
      'Agree with whoever may decide it what may be looked at',
      'Tell as few as possible, and note who knows',
      'Compare what the account did with its own past and with its role',
      'Ask whether the account was used by somebody else',
      'Keep evidence so that it stands: hashes, times, who took it',
      'Prepare what happens to access at the end',
    ],
    note: '## What was agreed, with whom\n\n## Who knows\n\n## What the account did\n\n## What is usual for its role\n',
  },
];
