import { kubectl, read } from '../cluster.js';
import { gameImage } from '../images.js';
import { refuse, refuseFailing } from '../failing-deploy.js';
import { nothing, type Phase } from '../phase.js';
import { names, type Stage } from '../stage.js';

/** The players of the version that is there meet none of it. */
export const mistakes: Phase = {
  line: 11,
  title: 'releases that can only fail are told, and change nothing for players',
  mustBeZero: nothing,
  async run(stage) {
    await serveRoot(stage);
    await refuseFailing(stage);
    const image = ['--image', gameImage('1.0.0001'), '--patience', '120'];
    await refuse(stage, "another version's code", image, /runs the code of 1\.0\.0001/);
    await refuseOtherCluster(stage);
    await refuseByHand(stage);
  },
};

interface Pods {
  items: Array<{ metadata: { name: string }; status: { podIP: string } }>;
}

/** Load balancers of clouds ask the serving port itself. */
async function serveRoot({ report }: Stage): Promise<void> {
  const { items } = await read<Pods>('pods', '-l', 'serverType in (http,connector),version=1.0.0000');
  const program = `const answers = await Promise.all(${JSON.stringify(items.map(({ status }) => status.podIP))}
    .map(async (ip) => (await fetch('http://' + ip + '/')).status)); console.log(answers.join());`;
  const [pod = ''] = await names('serverType=http,version=1.0.0000');
  const answers = await kubectl('exec', pod, '--', 'node', '--input-type=module', '-e', program);
  report.check(
    `GET / of ${items.length} http servers and connectors is answered: ${answers.trim()}`,
    answers
      .trim()
      .split(',')
      .every((status) => status === '200'),
  );
}

/** With all rights: the account of CI may see no other name space, and would hear of that. */
async function refuseOtherCluster({ report, releaseByOwner }: Stage): Promise<void> {
  const told = await releaseByOwner('promote', '1.0.0000', '--namespace', 'kube-system').catch(
    (error: Error) => error,
  );
  report.check(
    'another name space than the one whose servers are in NATS is refused',
    told instanceof Error && /different clusters/.test(told.message),
  );
}

/** Applied by hand, what releases are made from would undo a promotion. */
async function refuseByHand({ report, folder }: Stage): Promise<void> {
  const told = await kubectl('apply', '-k', `${folder}/release`).catch((error: Error) => error);
  const refused = told instanceof Error ? told.message.match(/is invalid/g)?.length : 0;
  const taken = told instanceof Error ? /configured|created/.test(told.message) : true;
  report.check(`kubectl apply -k k8s/release is refused for ${refused} objects`, !taken && refused !== 0);
}
